import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { languages, type Language } from '#shared/utils/language'
import type { HelpView } from '#shared/types/help'
import { graveFaults, looks, openBrowser, visit, type Look, type Visit } from '../helpers/browser'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'

const english = looks[1]!

describeWith(['chromium'], 'the help', () => {
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

  it.each(languages)('in %s: every page has all its text without scripts', language => withVisit({ language, scheme: 'light', width: 375 }, async ({ page, open }) => {
    for (const { slug, title } of await contents(language)) {
      await open(pathOf(slug))
      expect(await page.locator('h1').textContent()).toContain(title)
      expect(await page.locator('article').textContent()).not.toContain('{{')
    }
  }, false))

  // axe is a script itself, so only the page's own are kept away.
  it.each(languages)('in %s: every page is sound before its scripts are there', language => withVisit({ language, scheme: 'dark', width: 375 }, async ({ page }) => {
    await page.route(/\/_nuxt\/.*\.js$/, route => route.abort())
    for (const { slug } of await contents(language)) {
      await page.goto(pathOf(slug))
      expect(await page.evaluate('document.documentElement.scrollWidth'), slug).toBeLessThanOrEqual(375)
      expect(await graveFaults(page), slug).toEqual([])
    }
  }))

  it('is searched without scripts', () => withVisit(english, async ({ page, open }) => {
    await open('/help/faq')
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
})
