import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { looks, openBrowser, visit } from '../helpers/browser'
import { startProcess } from '../helpers/process'
import { startRelay, type Relay } from '../helpers/relay'
import { cleanEnv } from '../helpers/server'
import { describeWith, service } from '../helpers/services'
import { ok } from '../helpers/upstream/behaviours'

const english = looks[1]!
const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

describeWith(['chromium', 'client', 'shells'], 'what the help says, copied and pasted', () => {
  let relay: Relay
  let browser: Browser
  let home: string
  beforeAll(async () => {
    relay = await startRelay()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.close()
  })
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'relay-help-'))
    await mkdir(join(home, 'bin'))
    await symlink(service('client'), join(home, 'bin/claude'))
  })
  afterEach(async () => await rm(home, { recursive: true, force: true }))

  /** What the button of a snippet copies, as it comes out when it is pasted. */
  async function pasted(page: Page, words: string[]): Promise<string> {
    let snippet = page.locator('article .help-text > div', { has: page.locator('pre') })
    for (const text of words) snippet = snippet.filter({ hasText: text })
    await snippet.first().getByRole('button').click()
    await snippet.first().getByRole('status').getByText('Copied').waitFor()
    await page.evaluate(() => {
      const area = document.createElement('textarea')
      area.id = 'pasted'
      document.body.append(area)
      area.focus()
    })
    await page.keyboard.press('Control+V')
    return await page.locator('#pasted').inputValue()
  }

  /** A snippet of a page, with the key typed into it when one is given. */
  async function snippetOf(path: string, words: string[], key?: string): Promise<string> {
    const { page, open, close } = await visit(browser, relay.server, english)
    try {
      await open(path)
      if (key !== undefined) {
        await page.getByLabel('Your key').fill(key)
        await page.getByText(key).first().waitFor()
      }
      // The browser's name for this machine is known to the browser alone.
      return (await pasted(page, words)).replaceAll(/http:\/\/[\w.-]+:/g, 'http://127.0.0.1:')
    }
    finally {
      await close()
    }
  }

  async function run(shell: Shell, script: string, more: Record<string, string> = {}, how: string[] = ['-c']) {
    const [zsh = '', fish = ''] = service('shells').split(' ')
    const base: Record<string, string> = cleanEnv(home)
    const env = { ...base, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_MAX_RETRIES: '2', IS_SANDBOX: '1', ...more }
    const started = await startProcess({ bash: '/bin/bash', zsh, fish }[shell], [...how, script], { cwd: home, env: { ...env, PATH: `${join(home, 'bin')}${delimiter}${base.PATH ?? ''}` } })
    const { code } = await started.exited
    return { code, stdout: started.stdout().trim(), output: started.output() }
  }
  /** The real client, in this home, says what the upstream answers. */
  async function talks(shell: Shell, before = '', how?: string[]): Promise<void> {
    relay.upstream.queue(ok({ blocks: [{ type: 'text', text: `Hello from ${shell}.` }] }))
    const { code, stdout, output } = await run(shell, `${before}\nclaude -p Hello`, {}, how)
    expect([code, stdout.split('\n').at(-1)], output).toEqual([0, `Hello from ${shell}.`])
  }

  it.each(shells)('for one %s makes the real client talk to the relay', async (shell) => {
    const snippet = await snippetOf('/help/setup', [shell === 'fish' ? 'set -gx' : 'export ANTHROPIC_BASE_URL'], relay.key.key)
    expect(snippet).toContain(relay.key.key)
    expect(snippet).toMatch(/\nclaude$/)
    await talks(shell, snippet.replace(/\nclaude$/, ''))
  })

  it.each(shells)('for the profile of %s does so too', async (shell) => {
    const [file, words] = {
      bash: ['.bashrc', ['~/.bashrc, ~/.zshrc']], zsh: ['.zshrc', ['~/.bashrc, ~/.zshrc']], fish: ['.config/fish/config.fish', ['~/.config/fish/config.fish', 'set -gx']],
    }[shell] as [string, string[]]
    const snippet = await snippetOf('/help/setup', words, relay.key.key)
    await mkdir(join(home, '.config/fish'), { recursive: true })
    await writeFile(join(home, file), `${snippet}\n`)
    // As when somebody sits before it.
    await talks(shell, '', ['-i', '-c'])
  })

  it.each(shells)('the line with the set-up script, in %s, does so, and the one to undo it ends it', async (shell) => {
    const line = await snippetOf('/help/setup', ['setup.sh | sh', 'macOS, Linux, WSL'])
    const set = await run(shell, line, { RELAY_KEY: relay.key.key })
    expect(set.code, set.output).toBe(0)
    await talks(shell)
    const undone = await run(shell, await snippetOf('/help/setup', ['--undo']))
    expect(undone.code, undone.output).toBe(0)
    expect(existsSync(join(home, '.claude/settings.json'))).toBe(false)
    expect((await run(shell, 'claude -p Hello')).output).toContain('Not logged in')
  })

  it.each(['/help', '/help/linux', '/help/setup'])('the settings of %s do so', async (path) => {
    const text = await snippetOf(path, ['settings.json', '"env"'], relay.key.key)
    await mkdir(join(home, '.claude'))
    await writeFile(join(home, '.claude/settings.json'), text)
    await talks('bash')
  })

  it('the line that tries address and key lists the models', async () => {
    const line = await snippetOf('/help/setup', ['/v1/models', 'curl'], relay.key.key)
    const { code, stdout, output } = await run('bash', line)
    expect(code, output).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ data: expect.any(Array) as unknown })
  })
})
