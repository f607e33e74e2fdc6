import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a build is made of, as paths below the project's root. */
export const sources = [
  'nuxt.config.ts', 'package.json', 'package-lock.json', 'app.config.ts', 'app.vue', 'error.vue',
  'assets', 'build', 'components', 'composables', 'content', 'drizzle', 'i18n', 'layouts', 'middleware', 'pages', 'plugins', 'public', 'server', 'shared',
]

/**
 * Every file of `roots`, sorted, with `/` between the parts on every system. Missing roots are skipped.
 * @param {string} root
 * @param {string[]} roots
 */
export function filesBelow(root, roots = sources) {
  const found = []
  const visit = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false })
    if (stat?.isFile()) found.push(path)
    else if (stat?.isDirectory()) for (const name of readdirSync(join(root, path))) visit(`${path}/${name}`)
  }
  for (const path of roots) visit(path)
  return found.sort()
}

/** Hash over names and contents: the same for the same sources, whatever a checkout did to their times. */
export function fingerprint(root, roots = sources) {
  const hash = createHash('sha256')
  for (const path of filesBelow(root, roots)) {
    const content = readFileSync(join(root, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Time of the newest source, epoch-ms. */
export function newest(root, roots = sources) {
  return filesBelow(root, roots).reduce((latest, path) => Math.max(latest, modified(join(root, path)) ?? 0), 0)
}

/** When a file was last written, epoch-ms; undefined when it is not there. */
export function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

/** Content of a small text file; undefined when it is not there. */
export function readIfThere(path) {
  return modified(path) === undefined ? undefined : readFileSync(path, 'utf8')
}
