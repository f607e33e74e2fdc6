import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureBuilt, serverFile } from './build.mjs'
import { loadEnvFile } from './env-file.mjs'
import { followParent } from './follow-parent.mjs'
import { ensureInstalled } from './install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs and builds when needed, then becomes the server, or another program beside it: the same process, so signals and the exit code
 * are its own.
 */
export async function run(program = 'index.mjs') {
  process.chdir(root)
  followParent()
  await ensureInstalled(root)
  await ensureBuilt(root)
  loadEnvFile(join(root, '.env'))
  process.env.NODE_ENV = 'production'
  await import(pathToFileURL(join(dirname(serverFile(root)), program)).href)
}
