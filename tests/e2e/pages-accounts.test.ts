import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graveFaults, looks, openBrowser, signIn, visit, type Look, type Visit } from '../helpers/browser'
import { send } from '../helpers/http'
import { startPoolServer, type PoolServer } from '../helpers/pool-server'
import { describeWith } from '../helpers/services'
import { readStream } from '../helpers/sse'
import { after, ok, status } from '../helpers/upstream/behaviours'
import { addUserTo } from '../helpers/users'

const english: Look = looks[1]!

// Account 0 is limited for ten minutes, account 1 abnormal, account 2 serves.
describeWith(['chromium'], 'the page of accounts', () => {
  let pool: PoolServer
  let browser: Browser
  let visitor: Visit

  beforeAll(async () => {
    pool = await startPoolServer(3)
    await addUserTo(pool.server, { username: 'ann', password: 'a-test-password' })
    await pool.api.login(pool.server.admin.username, pool.server.admin.password)
    await pool.api.ok('PATCH', `/api/accounts/${pool.accounts[2]!.id}`, { maxConcurrency: 2, weight: 50 })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await pool?.close()
  })

  async function breakTwo(): Promise<void> {
    await pool.reset()
    pool.upstreams[0]!.queue(status(429, { headers: { 'retry-after': '600' } }))
    pool.upstreams[1]!.queue(status(401, { message: 'invalid x-api-key' }))
    expect((await send(pool.ask())).status).toBe(200)
  }

  async function enter(look: Look, path = '/accounts'): Promise<Visit> {
    const entered = await visit(browser, pool.server, look)
    await signIn(entered, pool.server)
    await entered.open(path)
    return entered
  }

  const row = (text: string) => visitor.page.locator('tbody tr').filter({ hasText: text })
  const button = (name: string) => visitor.page.getByRole('button', { name, exact: true })
  const dialog = () => visitor.page.getByRole('dialog')

  async function sound({ page, problems }: Visit, width: number): Promise<void> {
    expect(problems).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await graveFaults(page)).toEqual([])
  }

  const closeSheet = async (): Promise<void> => {
    await visitor.page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
  }

  describe.each(looks)('in $language, $scheme, $width px', (look) => {
    const zh = look.language === 'zh-CN'
    const label = (chinese: string, text: string): string => zh ? chinese : text

    beforeAll(async () => {
      await breakTwo()
      visitor = await enter(look)
    })
    afterAll(() => visitor?.close())

    it('says why an account is out, and counts down to its return', async () => {
      const limited = row('account 0')
      await limited.getByText(label('已达到速率限制', 'rate limit reached')).waitFor()
      expect(await limited.locator('time').first().textContent()).toMatch(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/)
      const countdown = limited.locator('.countdown')
      await countdown.waitFor()
      const before = await countdown.textContent()
      expect(before).toMatch(zh ? /^还有 \d+ 分/ : /^in \d+ min/)
      await expect.poll(() => countdown.textContent(), { timeout: 5_000 }).not.toBe(before)
      expect(await row('account 1').locator('.countdown').count()).toBe(1)
      await sound(visitor, look.width)
    })

    it('explains in a drawer what the scheduler would do', async () => {
      await button(`${label('为什么？', 'Why?')}: account 0`).click()
      await dialog().getByText(label('目前不接受请求', 'It takes no requests now')).waitFor()
      expect(await dialog().getByRole('status').textContent()).toContain(label('限流中', 'limited'))
      expect(await dialog().locator('ol li').first().textContent()).toContain('account 2')
      expect(await dialog().locator('ol li').first().textContent()).toContain('100%')
      await sound(visitor, look.width)
      await closeSheet()
    })

    it('has the history in a drawer', async () => {
      await button(`${label('历史', 'History')}: account 1`).click()
      const newest = dialog().locator('ol li').first()
      await newest.getByText(label('正常 → 异常', 'Normal → Abnormal')).waitFor()
      expect(await newest.textContent()).toContain(label('凭据被拒绝', 'credentials refused'))
      expect(await newest.textContent()).toContain('invalid x-api-key')
      await sound(visitor, look.width)
      await closeSheet()
    })

    it('asks before it puts an account back, and the history names who did it', async () => {
      await button(`${label('重置状态', 'Reset state')}: account 0`).click()
      const question = visitor.page.getByRole('alertdialog')
      await question.waitFor()
      await sound(visitor, look.width)
      await question.getByRole('button', { name: label('重置状态', 'Reset state') }).click()
      await question.waitFor({ state: 'hidden' })
      await row('account 0').getByText(label('正常', 'Normal'), { exact: true }).waitFor()
      expect(await row('account 0').locator('.countdown').count()).toBe(0)
      await button(`${label('历史', 'History')}: account 0`).click()
      await dialog().locator('ol li').first().getByText(label('操作人：admin', 'by admin')).waitFor()
      await closeSheet()
    })

    it('tells the way of a request through the accounts in the log', async () => {
      await visitor.open('/logs')
      await visitor.page.locator('tbody tr').first().getByRole('button').click()
      const way = dialog().locator('ol li')
      await way.first().waitFor()
      const steps = await way.allTextContents()
      expect(steps).toHaveLength(3)
      expect(steps[0]).toMatch(zh ? /account 0.*限流.*已达到速率限制.*状态码 429/ : /account 0.*limited.*rate limit reached.*status 429/)
      expect(steps[2]).toMatch(zh ? /account 2.*已应答/ : /account 2.*answered/)
      await sound(visitor, look.width)
    })
  })

  describe('for an admin', () => {
    beforeAll(async () => {
      await pool.reset()
      visitor = await enter(english)
    })
    afterAll(() => visitor?.close())

    it('tests an account and says what came of it', async () => {
      pool.upstreams[1]!.queue(status(401, { message: 'invalid x-api-key' }))
      await button('Test: account 1').click()
      await row('account 1').getByText(/^Failed: .* answered a one-token message with 401 after .* authentication_error: invalid x-api-key$/).waitFor()
      await button('Test: account 1').click()
      await row('account 1').getByText(/^Works: .* answered a one-token message with 200 in \d+ ms\.$/).waitFor()
    })

    it('shows requests under way without a reload', async () => {
      for (const { id } of pool.accounts.slice(0, 2)) await pool.api.ok('PATCH', `/api/accounts/${id}`, { enabled: false })
      let open = (): void => {}
      const gate = new Promise<void>(resolve => open = resolve)
      pool.upstreams[2]!.queue(after(gate, ok()))
      const answer = readStream(pool.ask())
      await row('account 2').getByText('1 / 2').waitFor()
      await row('account 0').getByText('Disabled').waitFor()
      await row('account 2').getByText('Now').waitFor()
      open()
      await answer
      await row('account 2').getByText('0 / 2').waitFor()
      for (const { id } of pool.accounts.slice(0, 2)) await pool.api.ok('PATCH', `/api/accounts/${id}`, { enabled: true })
    })

    it('says when live numbers cannot be had, and when they can again', async () => {
      const { page, problems } = visitor
      await page.route('**/api/live*', route => route.abort())
      await page.route('**/api/live/*', route => route.abort())
      await page.reload()
      await page.getByText('Live numbers cannot be had').waitFor()
      await page.unrouteAll()
      await page.getByText('Live numbers cannot be had').waitFor({ state: 'hidden' })
      problems.length = 0
    })

    it('answers why for another model and for a key of another pool', async () => {
      const group = await pool.api.ok<{ id: string }>('POST', '/api/groups', { name: 'elsewhere' })
      await pool.api.addKey({ name: 'of elsewhere', groupId: group.id })
      await button('Why?: account 0').click()
      await dialog().getByText('It takes 100% of new sessions now.').waitFor()
      await dialog().getByLabel('By key').selectOption({ label: 'of elsewhere' })
      await dialog().getByRole('button', { name: 'Ask again' }).click()
      await dialog().getByText('the key draws from another pool').waitFor()
      await closeSheet()
    })

    it('takes in the settings which account new sessions go to first, and keeps it', async () => {
      await visitor.open('/admin/settings')
      const choice = () => visitor.page.getByRole('switch', { name: 'Spend the window that resets soonest first' })
      expect(await choice().getAttribute('aria-checked')).toBe('false')
      await choice().click()
      await visitor.page.getByRole('button', { name: 'Save', exact: true }).click()
      await visitor.page.getByText('The settings are saved').first().waitFor()
      await visitor.open('/admin/settings')
      expect(await choice().getAttribute('aria-checked')).toBe('true')
    })

    it('complained about nothing on the way', () => {
      expect(visitor.problems).toEqual([])
    })
  })

  it('keeps the system page from everybody else', async () => {
    const ann = await visit(browser, pool.server, english)
    await signIn(ann, { ...pool.server, admin: { username: 'ann', password: 'a-test-password' } })
    await ann.open('/dashboard')
    expect(await ann.page.getByRole('link', { name: 'System' }).count()).toBe(0)
    const answer = await ann.page.goto('/admin/system')
    expect(answer?.status()).toBe(404)
    await ann.close()
  })
})
