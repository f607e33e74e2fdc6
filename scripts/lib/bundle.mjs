import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Bundles a TypeScript file of the project with what it takes from it, and imports the result.
 * @param {string} root
 * @param {string} file Below `root`.
 */
export async function importBundled(root, file) {
  const { build, stop } = await import('esbuild')
  // Inside the project, so that packages are found.
  const dir = join(root, 'node_modules/.cache/relay')
  mkdirSync(dir, { recursive: true })
  const bundle = join(dir, `${file.replace(/\W+/g, '-')}-${process.pid}.mjs`)
  try {
    await build({
      entryPoints: [join(root, file)], outfile: bundle, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
      alias: { '#server': join(root, 'server'), '#shared': join(root, 'shared') }, tsconfigRaw: '{}', logLevel: 'warning',
    })
    await stop()
    return await import(pathToFileURL(bundle).href)
  }
  finally {
    rmSync(bundle, { force: true })
  }
}
