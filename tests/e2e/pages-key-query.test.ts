import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListOf } from '#shared/types/api'
import type { ShareView } from '#shared/types/key-query'
import { graveFaults, looks, openBrowser, signIn, visit, type Look, type Visit } from '../helpers/browser'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { poll } from '../helpers/until'

const english = looks[1]!
const phone = looks[2]!

describeWith(['chromium'], 'the key query page', () => {
  let relay: Relay
  let browser: Browser

  beforeAll(async () => {
    relay = await startRelay()
    browser = await openBrowser()
    await relay.api.ok('PATCH', `/api/keys/${relay.key.id}`, { name: 'a-key-with-a-name-that-no-phone-has-the-width-for-0123456789', limits: { dailyUsd: '1', monthlyUsd: '20', requestsPerMinute: 1000 } })
    for (const model of ['claude-opus-4-8', ...Array.from({ length: 22 }, () => 'claude-sonnet-5-5')]) await send(relay.ask({ model }))
    await relay.api.waitForLogs(23)
    await relay.api.ok('PATCH', '/api/admin/settings', { statusPage: { shown: true } })
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.close()
  })

  async function withVisit(look: Look, scripts: boolean, act: (visitor: Visit) => Promise<void>): Promise<void> {
    const visitor = await visit(browser, relay.server, look, scripts)
    try {
      await act(visitor)
    }
    finally {
      await visitor.close()
    }
  }
  const enter = async ({ page }: Visit, key: string): Promise<void> => {
    await page.locator('input[name="api_key"]').fill(key)
    await page.locator('main form button[type="submit"]').click()
    await page.waitForLoadState('load')
  }
  const noScroll = async ({ page }: Visit, { width }: Look) => expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)

  it.each([[english, true], [english, false], [phone, true], [phone, false]])('%o, scripts %s: key, pages of calls, refreshing, forgetting; the address stays bare', (look, scripts) => withVisit(look, scripts, async (visitor) => {
    const { page, problems } = visitor
    await visitor.open('/stats/api-key')
    await enter(visitor, relay.key.key)
    await page.getByRole('heading', { name: 'Key a-key-with-a-name' }).waitFor()
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/stats/api-key')
    expect(await page.getByRole('meter').count()).toBe(2)
    const rows = page.locator('#key-calls').locator('xpath=..').locator('tbody tr')
    expect(await rows.count()).toBe(20)
    await noScroll(visitor, look)
    await page.getByRole('link', { name: 'Older' }).click()
    await poll(async () => await rows.count() === 3 || undefined, 'the second page')
    await page.getByRole('link', { name: 'Newest' }).click()
    await poll(async () => await rows.count() === 20 || undefined, 'the first page')
    await page.getByRole('link', { name: 'Refresh' }).click()
    await rows.first().waitFor()
    expect(await page.content()).not.toContain(relay.key.key)
    await page.getByRole('button', { name: 'Forget this key' }).click()
    await page.locator('input[name="api_key"]').waitFor()
    await page.reload()
    expect(await page.locator('input[name="api_key"]').isVisible()).toBe(true)
    expect(problems).toEqual([])
  }))

  it.each([true, false])('scripts %s: a wrong key is told at its field', scripts => withVisit(english, scripts, async (visitor) => {
    const { page, problems } = visitor
    await visitor.open('/stats/api-key')
    await enter(visitor, 'sk-a-key-that-nobody-knows')
    await page.getByText('This key is not known here').waitFor()
    const field = page.locator('input[name="api_key"]')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('')
    expect(problems).toEqual([])
    if (scripts) expect(await graveFaults(page)).toEqual([])
  }))

  it('a link with a key in it leaves nothing of it in the history', () => withVisit(english, true, async (visitor) => {
    const { page } = visitor
    await visitor.open(`/stats/api-key?api_key=${relay.key.key}`)
    await page.getByRole('heading', { name: 'Key a-key' }).waitFor()
    expect(page.url()).toMatch(/\/stats\/api-key$/)
    expect(await page.evaluate(() => JSON.stringify([history.state, document.referrer, performance.getEntries().map(entry => entry.name)]))).not.toContain(relay.key.key)
  }))

  it('a key that was never used says what to do', () => withVisit(english, false, async (visitor) => {
    const { key } = await relay.api.addKey({ name: 'fresh' })
    await visitor.open(`/stats/api-key?api_key=${key}`)
    expect(await visitor.page.getByText('Once Claude Code is set up with it').isVisible()).toBe(true)
    expect(await visitor.page.getByText('No calls yet').isVisible()).toBe(true)
  }))

  describe.each(looks)('in $language, $scheme, $width px', (look) => {
    it.each(['/stats/api-key', 'with a key', '/status'])('%s is sound', path => withVisit(look, true, async (visitor) => {
      const { page, problems } = visitor
      await visitor.open(path === 'with a key' ? `/stats/api-key?api_key=${relay.key.key}` : path)
      if (path === 'with a key') await page.waitForFunction(() => [...document.querySelectorAll('.canvas')].filter(canvas => canvas.querySelector('svg path')).length === 2)
      expect(problems).toEqual([])
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language)
      await noScroll(visitor, look)
      expect(await graveFaults(page)).toEqual([])
    }))
  })

  it('the owner makes a link that shows what it says, and ends it', () => withVisit(english, true, async (owner) => {
    await signIn(owner, relay.server)
    await owner.open('/keys')
    await owner.page.getByRole('button', { name: 'Share: a-key' }).click()
    const sheet = owner.page.getByRole('dialog')
    await sheet.getByText('No links yet').waitFor()
    await sheet.getByRole('button', { name: 'Make a link' }).click()
    expect(await sheet.locator('[aria-invalid="true"]').count()).toBe(1)
    await sheet.getByLabel('Name').fill('for the team')
    await sheet.getByRole('button', { name: 'Make a link' }).click()
    const address = await sheet.getByRole('group', { name: 'The link' }).innerText()
    expect(address).toMatch(/\/stats\/api-key\?share=share_[\w-]{43}$/)
    expect(await graveFaults(owner.page)).toEqual([])

    await withVisit(phone, true, async (guest) => {
      const { pathname, search } = new URL(address)
      await guest.open(pathname + search)
      await guest.page.getByText('Seen by the link “for the team”').waitFor()
      expect(guest.page.url()).toMatch(/\/stats\/api-key$/)
      expect(await guest.page.getByRole('meter').count()).toBeGreaterThan(0)
      expect(await guest.page.locator('#key-calls').count()).toBe(0)
      await noScroll(guest, phone)
      expect(await graveFaults(guest.page)).toEqual([])

      await sheet.getByRole('button', { name: 'Revoke: for the team' }).click()
      await owner.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
      await poll(async () => (await relay.api.ok<ListOf<ShareView>>('GET', `/api/keys/${relay.key.id}/shares`)).items.length === 0 || undefined, 'the link to be gone')
      await guest.page.reload()
      await guest.page.locator('input[name="api_key"]').waitFor()
      await guest.open(pathname + search)
      await guest.page.getByText('This link does not work').waitFor()
    })
  }))

  it('the status page is there only while it is switched on', () => withVisit(english, false, async ({ page }) => {
    await page.goto('/status')
    expect(await page.getByRole('heading', { name: 'Status' }).isVisible()).toBe(true)
    expect(await page.getByText('claude-sonnet-5-5').isVisible()).toBe(true)
    expect(await page.content()).not.toContain('first</')
    await relay.api.ok('PATCH', '/api/admin/settings', { statusPage: { shown: false } })
    expect((await page.goto('/status'))?.status()).toBe(404)
  }))
})
