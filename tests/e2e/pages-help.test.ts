import { mkdir, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { languages, type Language } from '#shared/utils/language'
import type { HelpView } from '#shared/types/help'
import { graveFaults, looks, openBrowser, visit, type Look, type Visit } from '../helpers/browser'
import { createClient } from '../helpers/client'
import { startProcess } from '../helpers/process'
import { startRelay, type Relay } from '../helpers/relay'
import { cleanEnv } from '../helpers/server'
import { describeWith, service } from '../helpers/services'
import { ok } from '../helpers/upstream/behaviours'

const english = looks[1]!

describeWith(['chromium', 'client', 'shells'], 'the help', () => {
  let relay: Relay
  let browser: Browser

  beforeAll(async () => {
    relay = await startRelay()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.close()
  })

  async function withVisit(look: Look, act: (visitor: Visit) => Promise<void>, scripts = true): Promise<void> {
    const visitor = await visit(browser, relay.server, look, scripts)
    try {
      await act(visitor)
    }
    finally {
      await visitor.close()
    }
  }
  const contents = async (language: Language) => (await relay.api.ok<HelpView>('GET', `/api/public/help?language=${language}`)).contents
  const pathOf = (slug: string) => slug === 'index' ? '/help' : `/help/${slug}`

  it.each(languages)('in %s: every page is sound, wide and dark, narrow and light', async (language) => {
    const entries = await contents(language)
    expect(entries.length).toBeGreaterThan(9)
    for (const look of [{ language, scheme: 'dark', width: 1440 }, { language, scheme: 'light', width: 375 }] satisfies Look[]) {
      await withVisit(look, async ({ page, problems, open }) => {
        for (const { slug, title } of entries) {
          await open(pathOf(slug))
          expect(await page.locator('h1').textContent()).toContain(title)
          expect(await page.locator('html').getAttribute('lang')).toBe(language)
          expect(await page.evaluate('document.documentElement.scrollWidth'), slug).toBeLessThanOrEqual(look.width)
          expect(await graveFaults(page), slug).toEqual([])
          expect(problems, slug).toEqual([])
        }
      })
    }
  })

  it('has all its text without scripts, and the search too', () => withVisit(english, async ({ page, open }) => {
    for (const { slug, title } of await contents('en')) {
      await open(pathOf(slug))
      expect(await page.locator('h1').textContent()).toContain(title)
      expect(await page.locator('article').textContent()).not.toContain('{{')
    }
    await page.locator('input[name="q"]').fill('pool_empty')
    await page.locator('input[name="q"]').press('Enter')
    await page.getByRole('link', { name: /pool_empty/ }).first().click()
    expect(new URL(page.url()).hash).toBe('#pool_empty')
  }, false))

  it('leads from /help/index to /help, and says kindly that a page does not exist', () => withVisit(english, async ({ page, url }) => {
    await page.goto('/help/index')
    expect(page.url()).toBe(`${url}/help`)
    expect((await page.goto('/help/no-such-page'))?.status()).toBe(404)
  }))

  it('is searched by keyboard, and leads to the place', () => withVisit(english, async ({ page, open, problems }) => {
    await open('/help/setup')
    await page.getByRole('searchbox').focus()
    await page.keyboard.type('settings.json project')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /Found in \d+ places/ }).waitFor()
    await page.locator('ol a').first().press('Enter')
    await page.locator('article h1').waitFor()
    await page.getByRole('searchbox').fill('a-word-that-is-nowhere')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing found: a-word-that-is-nowhere').waitFor()
    expect(problems).toEqual([])
  }))

  it('fills in a key that is pasted, on every page, and sends it nowhere', () => withVisit(english, async ({ page, open }) => {
    const asked: string[] = []
    page.on('request', request => asked.push(`${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`))
    await open('/help/setup')
    await page.getByLabel('Your key').fill('no key at all!')
    await page.getByText('This does not look like a key').waitFor()
    expect(await page.locator('article').textContent()).not.toContain('no key at all')
    await page.getByLabel('Your key').fill(relay.key.key)
    await page.getByText(`export ANTHROPIC_AUTH_TOKEN='${relay.key.key}'`).first().waitFor()
    await page.getByRole('link', { name: 'Linux' }).first().click()
    await page.getByText(relay.key.key).first().waitFor()
    expect(page.url()).not.toContain(relay.key.key)
    expect(asked.filter(line => line.includes(relay.key.key))).toEqual([])
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')).not.toContain(relay.key.key)
  }))

  it.each([['bash', 'bash'], ['zsh', 'bash'], ['fish', 'fish']])('what it says for %s makes the real client talk to the relay', async (shell, language) => {
    let snippet = ''
    await withVisit(english, async ({ page, open }) => {
      await open('/help/setup')
      await page.getByLabel('Your key').fill(relay.key.key)
      snippet = await page.locator('pre code').filter({ hasText: language === 'fish' ? 'set -gx' : 'export ANTHROPIC_BASE_URL' }).filter({ hasText: /\nclaude$/ }).first().innerText()
    })
    expect(snippet).toContain(relay.key.key)
    // The browser's name for this machine is known to the browser alone.
    snippet = snippet.replaceAll(/http:\/\/[\w.-]+:/g, 'http://127.0.0.1:')
    const client = await createClient({ base: 'http://127.0.0.1:1', key: 'none' })
    const bin = join(client.home, 'bin')
    await mkdir(bin)
    await symlink(service('client'), join(bin, 'claude'))
    relay.upstream.queue(ok({ blocks: [{ type: 'text', text: `Hello from ${shell}.` }] }))
    const [zsh = '', fish = ''] = service('shells').split(' ')
    const program = { bash: '/bin/bash', zsh, fish }[shell] ?? ''
    const env: Record<string, string> = { ...cleanEnv(client.home), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_MAX_RETRIES: '2', IS_SANDBOX: '1' }
    const run = await startProcess(program, ['-c', snippet.replace(/^claude$/m, 'claude -p Hello')], { cwd: client.home, env: { ...env, PATH: `${bin}${delimiter}${env.PATH ?? ''}` } })
    const { code } = await run.exited
    await client.remove()
    expect([code, run.stdout().trim()], run.output()).toEqual([0, `Hello from ${shell}.`])
  })
})
