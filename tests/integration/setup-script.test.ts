import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startProcess } from '../helpers/process'
import { startRelay, type Relay } from '../helpers/relay'
import { cleanEnv } from '../helpers/server'

let relay: Relay
let home: string
let script: string
beforeAll(async () => {
  relay = await startRelay()
  script = await (await fetch(`${relay.server.url}/setup.sh`)).text()
})
afterAll(async () => await relay?.close())
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'relay-setup-'))
})
afterEach(async () => await rm(home, { recursive: true, force: true }))

const settingsFile = () => join(home, '.claude/settings.json')
const settings = async () => JSON.parse(await readFile(settingsFile(), 'utf8')) as Record<string, unknown>
async function put(text: string): Promise<void> {
  await mkdir(join(home, '.claude'), { recursive: true })
  await writeFile(settingsFile(), text)
}
async function run(shell: string, { key = relay.key.key, args = [], path }: { key?: string, args?: string[], path?: string } = {}) {
  const file = join(home, 'setup.sh')
  await writeFile(file, script)
  const process = await startProcess(shell, [file, ...args], { cwd: home, env: { ...cleanEnv(home), ...path ? { PATH: path } : {}, ...key ? { RELAY_KEY: key } : {} } })
  const { code } = await process.exited
  return { code, output: process.output() }
}
const given = () => ({ ANTHROPIC_BASE_URL: relay.server.relay, ANTHROPIC_AUTH_TOKEN: relay.key.key })

describe('the set-up scripts', () => {
  test('carry this server\'s address, as plain text', async () => {
    for (const name of ['setup.sh', 'setup.ps1']) {
      const answer = await fetch(`${relay.server.url}/${name}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
      const text = await answer.text()
      expect(text).toContain(`'${relay.server.relay}'`)
      expect(text).not.toContain('{{')
    }
  })
})

describe.each(['/bin/dash', '/bin/bash'])('setup.sh in %s', (shell) => {
  test('sets up a fresh home, and again', async () => {
    const first = await run(shell)
    expect(first.code, first.output).toBe(0)
    expect(await settings()).toEqual({ env: given() })
    expect((await stat(settingsFile())).mode & 0o777).toBe(0o600)
    expect(first.output).not.toContain(relay.key.key)
    expect((await run(shell)).code).toBe(0)
    expect(await settings()).toEqual({ env: given() })
  })

  test('keeps what else is in the settings, and a copy; undoing takes out its own lines only', async () => {
    const before = { model: 'opus', env: { OTHER: '世界', ANTHROPIC_AUTH_TOKEN: 'old' }, permissions: { allow: ['Bash(ls:*)'] } }
    await put(JSON.stringify(before))
    expect((await run(shell)).code).toBe(0)
    expect(await settings()).toEqual({ ...before, env: { OTHER: '世界', ...given() } })
    expect(JSON.parse(await readFile(`${settingsFile()}.before-relay`, 'utf8'))).toEqual(before)
    expect((await run(shell, { args: ['--undo'] })).code).toBe(0)
    expect(await settings()).toEqual({ ...before, env: { OTHER: '世界' } })
  })

  test.each([['a wrong key', 'sk-nobody-has-this-key', 'does not take this key'], ['no key at all', 'x\'; rm -rf /', 'this is no key']])('refuses %s and changes nothing', async (_what, key, words) => {
    const { code, output } = await run(shell, { key })
    expect([code, output]).toEqual([1, expect.stringContaining(words)])
    expect(existsSync(settingsFile())).toBe(false)
  })

  test('leaves settings alone that are not JSON', async () => {
    await put('{ "env": ')
    const { code, output } = await run(shell)
    expect([code, output]).toEqual([1, expect.stringContaining('not valid JSON')])
    expect(await readFile(settingsFile(), 'utf8')).toBe('{ "env": ')
  })

  test('gives the key to no program as an argument', async () => {
    const bin = join(home, 'bin')
    await mkdir(bin)
    for (const name of ['curl', 'node']) {
      await writeFile(join(bin, name), `#!/bin/sh\nprintf '%s ' "$@" >> "$HOME/arguments"\nPATH="\${PATH#*:}" exec ${name} "$@"\n`)
      await chmod(join(bin, name), 0o755)
    }
    expect((await run(shell, { path: `${bin}${delimiter}${process.env.PATH}` })).code).toBe(0)
    const seen = await readFile(join(home, 'arguments'), 'utf8')
    expect(seen).toContain('/v1/models')
    expect(seen).not.toContain(relay.key.key)
  })
})

test.runIf(existsSync('/usr/bin/python3'))('setup.sh does with python3 where node is not', async () => {
  const bin = join(home, 'bin')
  await mkdir(bin)
  for (const name of ['python3', 'curl', 'mkdir', 'mv', 'cp', 'cut', 'cat']) await symlink(existsSync(`/usr/bin/${name}`) ? `/usr/bin/${name}` : `/bin/${name}`, join(bin, name))
  await put('{"model":"opus"}')
  const { code, output } = await run('/bin/dash', { path: bin })
  expect(code, output).toBe(0)
  expect(await settings()).toEqual({ model: 'opus', env: given() })
})
