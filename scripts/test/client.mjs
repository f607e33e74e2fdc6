import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { start } from './processes.mjs'

/** Measured against this version; its betas and body keys change weekly. Proprietary: a test-time install, no dependency. */
const version = '2.1.330'

/** Path of the real client's program, which is installed on first use. Throws when it cannot be had. */
export async function ensureClient(root) {
  const home = join(root, 'node_modules/.cache/claude-client', version)
  const program = join(home, `node_modules/@anthropic-ai/claude-code-${process.platform}-${process.arch}`, process.platform === 'win32' ? 'claude.exe' : 'claude')
  if (existsSync(program)) return program
  mkdirSync(home, { recursive: true })
  console.log(`Installing Claude Code ${version} for the tests (about 360 MB) …`)
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefix', home, `@anthropic-ai/claude-code@${version}`]
  const { output, ended } = start('npm', args, { cwd: home, shell: process.platform === 'win32' })
  const { code } = await ended
  if (code !== 0 || !existsSync(program)) throw new Error(`npm could not install Claude Code ${version} for ${process.platform}-${process.arch}:\n${output.text.slice(-2000)}`)
  return program
}
