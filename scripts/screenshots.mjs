// Takes pictures of pages over made-up data, light and dark, for the readme.
//   npm run screenshots                          the pages of `standard`
//   npm run screenshots -- /keys /logs           these pages, named by their path
//   npm run screenshots -- --out folder --width 375 --language zh-CN /accounts
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const standard = ['/dashboard', '/accounts', '/keys', '/logs']
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'docs/screenshots') },
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '800' },
    language: { type: 'string', default: 'en' },
  },
})

process.chdir(root)
await ensureInstalled(root)
await ensureBuilt(root)
const { provide } = await import('./test/services.mjs')
const { build } = await import('esbuild')
const dir = mkdtempSync(join(tmpdir(), 'relay-pictures-'))
// Beside the other bundles of the tests, so that packages and files are found as from tests/helpers.
const bundle = join(root, 'tests/.tmp', `screenshots-${process.pid}.mjs`)
try {
  const { env, missing } = await provide(['chromium'], { dir, root })
  if (missing.length > 0) throw new Error(`${missing[0].name} is missing: ${missing[0].how}`)
  Object.assign(process.env, env)
  await build({
    entryPoints: [join(root, 'tests/screenshots/take.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    alias: { '#server': join(root, 'server'), '#shared': join(root, 'shared') }, tsconfigRaw: '{}',
  })
  const { takeAll } = await import(pathToFileURL(bundle).href)
  const size = { width: Number(values.width), height: Number(values.height), language: values.language }
  const pictures = (positionals.length > 0 ? positionals : standard).map(path => ({ name: path.replace(/^\//, '').replace(/\W+/g, '-') || 'start', path, ...size }))
  console.log(`${await takeAll(pictures, resolve(values.out))} pictures in ${values.out}`)
}
finally {
  rmSync(bundle, { force: true })
  rmSync(dir, { recursive: true, force: true })
}
