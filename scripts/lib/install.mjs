import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'
import { fingerprint, modified, readIfThere } from './sources.mjs'

const stamp = root => join(root, 'node_modules/.relay-lock')

/**
 * Are the dependencies, those of the build included, the ones that the lock file names?
 * Decided by the lock file's content; an installation made by hand counts when it is newer than the lock file.
 * @param {string} root
 */
export function isInstalled(root) {
  const installed = modified(join(root, 'node_modules/.package-lock.json'))
  if (installed === undefined || !isWhole(root)) return false
  return readIfThere(stamp(root)) === lockHash(root) || installed >= (modified(join(root, 'package-lock.json')) ?? 0)
}

/** Installs what the lock file names, unless it is there. Returns whether it installed. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) {
    if (readIfThere(stamp(root)) !== lockHash(root)) writeFileSync(stamp(root), lockHash(root))
    return false
  }
  console.log('Installing dependencies (one to three minutes) …')
  // The build needs the development dependencies, also when NODE_ENV is production.
  await npm(root, ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp(root), lockHash(root))
  return true
}

function npm(root, args) {
  const hint = 'The dependencies could not be installed. Is the package registry reachable? (npm config get registry)'
  const cli = process.env.npm_execpath
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args], { cwd: root, hint })
  return run('npm', args, { cwd: root, hint, shell: process.platform === 'win32' })
}

function isWhole(root) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readIfThere(join(root, 'package.json')) ?? '{}')
  return Object.keys({ ...dependencies, ...devDependencies }).every(name => existsSync(join(root, 'node_modules', name, 'package.json')))
}

const lockHash = root => fingerprint(root, ['package-lock.json'])
