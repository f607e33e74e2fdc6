import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMarkdown } from '#server/help/markdown'
import { languages } from '#shared/utils/language'
import { startProcess } from '../helpers/process'
import { startRelay, type Relay } from '../helpers/relay'
import { cleanEnv } from '../helpers/server'
import { describeWith } from '../helpers/services'

describeWith(['shells'], 'the status line of the help', () => {
  let relay: Relay
  let home: string
  beforeAll(async () => {
    relay = await startRelay()
    home = await mkdtemp(join(tmpdir(), 'relay-status-'))
    await mkdir(join(home, '.claude'))
  })
  afterAll(async () => {
    await relay?.close()
    await rm(home, { recursive: true, force: true })
  })

  test.each(languages)('in %s shows what is left, and nothing for a key that is none', async (language) => {
    const { parts } = readMarkdown(await readFile(new URL(`../../content/help/${language}/60-statusline.md`, import.meta.url), 'utf8'))
    const script = parts.find(part => part.kind === 'code' && part.label.endsWith('relay-status.sh'))
    const key = await relay.api.addKey({ name: `status ${language}`, limits: { dailyUsd: 5, totalUsd: 20.5 } })
    async function show(token: string): Promise<string> {
      await rm(join(home, '.claude/relay-status.json'), { force: true })
      await writeFile(join(home, '.claude/relay-status.sh'), script?.kind === 'code' ? script.text : '')
      const run = await startProcess('/bin/sh', [join(home, '.claude/relay-status.sh')], { cwd: home, env: { ...cleanEnv(home), ANTHROPIC_BASE_URL: relay.server.relay, ANTHROPIC_AUTH_TOKEN: token } })
      expect((await run.exited).code, run.output()).toBe(0)
      return run.output().trim()
    }
    expect(await show(key.key)).toBe('today $0 · daily $5 left · total $20.5 left')
    expect(await show('sk-nobody-has-this-key')).toBe('')
  })
})
