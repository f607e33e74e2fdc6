import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findProgram } from '../../scripts/test/processes.mjs'
import { startProcess } from './process'
import { cleanEnv } from './server'

const NOBODY = 65_534
/** What the script may use besides a tool for the net and one for JSON. */
const common = ['cat', 'cp', 'mv', 'rm', 'mkdir', 'ls', 'readlink', 'stty']

interface Run {
  shell?: string
  /** Empty: none is given. */
  key?: string
  args?: string[]
  /** The only programs on the PATH besides the common ones. */
  tools?: string[]
  env?: Record<string, string>
  /** As a user who may not write everywhere. */
  asNobody?: boolean
  /** With no room for a single byte on any disk. */
  isFull?: boolean
}

/** A throw-away home in which the set-up script runs; its programs tell what arguments they were given. */
export interface SetupHome {
  dir: string
  settingsFile: string
  memoryFile: string
  /** Puts the settings there before a run. */
  put(settings: unknown, mode?: number): Promise<void>
  settings(): Promise<Record<string, unknown>>
  /** Names in the folder of the settings. */
  files(): Promise<string[]>
  mode(file: string): Promise<number>
  run(options?: Run): Promise<{ code: number | null, output: string }>
  /** All arguments of all programs that were run. */
  arguments(): Promise<string>
  remove(): Promise<void>
}

const programOf = (name: string): string => {
  if (name === 'node') return process.execPath
  // A version manager's own starts other programs.
  if (name === 'python3' && existsSync('/usr/bin/python3')) return '/usr/bin/python3'
  const found = findProgram(name)
  if (!found) throw new Error(`${name} is not on this machine`)
  return found
}

/** `script` is what the relay answered, `key` what is given when a run names none. */
export async function createSetupHome(script: string, key: string): Promise<SetupHome> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-setup-'))
  const scriptFile = join(dir, 'setup.sh')
  const settingsFile = join(dir, '.claude/settings.json')
  await writeFile(scriptFile, script)
  await writeFile(join(dir, 'arguments'), '')

  async function binOf(tools: string[]): Promise<string> {
    const bin = join(dir, 'bins', tools.join('-'))
    await mkdir(bin, { recursive: true })
    for (const name of [...common, ...tools]) {
      const file = join(bin, name)
      await writeFile(file, `#!/bin/sh\nprintf '%s ' "$@" >> '${dir}/arguments'\nexec '${programOf(name)}' "$@"\n`)
      await chmod(file, 0o755)
    }
    return bin
  }

  return {
    dir, settingsFile, memoryFile: `${settingsFile}.before-relay`,
    async put(settings, mode = 0o600) {
      await mkdir(dirname(settingsFile), { recursive: true })
      await writeFile(settingsFile, typeof settings === 'string' ? settings : JSON.stringify(settings))
      await chmod(settingsFile, mode)
    },
    settings: async () => JSON.parse(await readFile(settingsFile, 'utf8')) as Record<string, unknown>,
    files: async () => (await readdir(dirname(settingsFile))).sort(),
    mode: async file => (await stat(file)).mode & 0o777,
    async run({ shell = 'dash', key: given = key, args = [], tools = ['curl', 'node'], env = {}, asNobody = false, isFull = false } = {}) {
      const all = { ...cleanEnv(dir), PATH: await binOf(tools), ...given ? { RELAY_KEY: given } : {}, ...env }
      let command = [programOf(shell), scriptFile, ...args]
      if (isFull) command = ['/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', ...command]
      if (asNobody && process.getuid?.() === 0) {
        await Promise.all([dir, dirname(settingsFile), settingsFile, join(dir, 'arguments')].filter(path => existsSync(path)).map(path => chown(path, NOBODY, NOBODY)))
        command = [programOf('setpriv'), `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command]
      }
      const [program = '', ...rest] = command
      const started = await startProcess(program, rest, { cwd: dir, env: all })
      const { code } = await started.exited
      return { code, output: started.output() }
    },
    arguments: async () => await readFile(join(dir, 'arguments'), 'utf8'),
    remove: async () => await rm(dir, { recursive: true, force: true }),
  }
}
