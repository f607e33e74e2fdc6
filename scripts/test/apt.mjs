import { existsSync } from 'node:fs'
import { findProgram, start } from './processes.mjs'

const canInstall = () => existsSync('/etc/debian_version') && process.getuid?.() === 0 && findProgram('apt-get') !== null

async function apt(args) {
  // RUNLEVEL=1 keeps the packages from starting services of their own.
  const { output, ended } = start('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } })
  const { code } = await ended
  if (code !== 0) console.log(`apt-get ${args.join(' ')} failed:\n${output.text.slice(-4000)}`)
  return code === 0
}

/** Installs Debian packages when this is root on Debian; else, and when it fails, the services stay missing. */
export async function installPackages(packages) {
  if (!packages.length || !canInstall()) return
  console.log(`Installing ${packages.join(', ')} …`)
  if (await apt(['update', '-q'])) await apt(['install', '-y', '-q', '--no-install-recommends', ...packages])
}
