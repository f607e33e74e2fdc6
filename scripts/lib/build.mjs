import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'
import { fingerprint, modified, newest, readIfThere } from './sources.mjs'

const stamp = root => join(root, '.output/.relay-sources')
export const serverFile = root => join(root, '.output/server/index.mjs')

/**
 * Was `.output` made from the present sources?
 * Decided by their content; a build made by hand counts when it is newer than every source.
 * @param {string} root
 */
export function isBuilt(root, present = fingerprint(root)) {
  const built = modified(serverFile(root))
  if (built === undefined) return false
  const from = readIfThere(stamp(root))
  return from === undefined ? built > newest(root) : from === present
}

/** Builds the server and the pages, unless `.output` is up to date. Returns whether it built. */
export async function ensureBuilt(root) {
  const present = fingerprint(root)
  if (isBuilt(root, present)) {
    if (readIfThere(stamp(root)) === undefined) writeFileSync(stamp(root), present)
    return false
  }
  console.log('Building (one to three minutes) …')
  await run(process.execPath, [join(root, 'node_modules/nuxt/bin/nuxt.mjs'), 'build'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' },
    quiet: true,
    hint: 'The build failed. It needs about 3 GB of free memory; the reason is above.',
  })
  writeFileSync(stamp(root), present)
  return true
}
