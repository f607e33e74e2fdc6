import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startRelay, type Relay } from '../helpers/relay'
import { cleanEnv } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { runInTerminal } from '../helpers/terminal'

describeWith(['shells'], 'setup.sh, as people paste it', () => {
  let relay: Relay
  let home: string
  beforeAll(async () => {
    relay = await startRelay()
  })
  afterAll(async () => await relay?.close())
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'relay-setup-'))
  })
  afterEach(async () => await rm(home, { recursive: true, force: true }))

  const paste = (shell: string, types: string, line = `curl -fsSL ${relay.server.url}/setup.sh | sh`) =>
    runInTerminal([shell, '-c', line], { env: { ...cleanEnv(home), TERM: 'dumb' }, cwd: home, asks: 'not shown): ', types })
  const settings = async () => JSON.parse(await readFile(join(home, '.claude/settings.json'), 'utf8')) as Record<string, unknown>

  test.each(['dash', 'bash', 'zsh', 'fish'])('asks in %s for the key, shows none of it, and is undone', async (shell) => {
    const { code, seen, shows } = await paste(shell, `  ${relay.key.key} \\n`)
    expect([code, shows], seen).toEqual([0, true])
    expect(seen).not.toContain(relay.key.key)
    expect(await settings()).toEqual({ env: { ANTHROPIC_BASE_URL: relay.server.relay, ANTHROPIC_AUTH_TOKEN: relay.key.key } })
    const undone = await paste(shell, '', `curl -fsSL ${relay.server.url}/setup.sh | sh -s -- --undo`)
    expect(undone.code, undone.seen).toBe(0)
    expect(existsSync(join(home, '.claude/settings.json'))).toBe(false)
  })

  test.each(['dash', 'bash', 'zsh'])('run by %s itself it does the same', async (shell) => {
    const { code, seen } = await paste(shell, `${relay.key.key}\\n`, `wget -qO- ${relay.server.url}/setup.sh | ${shell}`)
    expect(code, seen).toBe(0)
    expect(seen).not.toContain(relay.key.key)
  })

  test.each([['nothing is typed', '\\n', 'this is no key'], ['it is broken off', '\\x03', 'not shown']])('leaves the terminal as it was when %s', async (_what, types, words) => {
    const { code, seen, shows } = await paste('bash', types)
    expect(code, seen).not.toBe(0)
    expect(seen).toContain(words)
    expect(shows).toBe(true)
    expect(existsSync(join(home, '.claude'))).toBe(false)
  })
})
