import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { graveFaults, looks, openBrowser, signIn, visit, type Look, type Visit } from '../helpers/browser'
import { startPoolServer, type PoolServer } from '../helpers/pool-server'
import { describeWith } from '../helpers/services'
import { after, ok, status } from '../helpers/upstream/behaviours'

const english: Look = looks[1]!
const phone: Look = looks[2]!
const KEYS = ['delta', 'Alpha', 'charlie', 'Bravo']

describeWith(['chromium'], 'lists of the console', () => {
  let pool: PoolServer
  let browser: Browser
  let visitor: Visit

  beforeAll(async () => {
    pool = await startPoolServer(3)
    await pool.api.login(pool.server.admin.username, pool.server.admin.password)
    for (const name of KEYS) await pool.api.addKey({ name })
    for (let at = 0; at < 22; at++) await pool.api.ok('POST', '/api/groups', { name: `team ${String(at).padStart(2, '0')}` })
    browser = await openBrowser()
    visitor = await enter(english)
  })
  afterAll(async () => {
    await browser?.close()
    await pool?.close()
  })

  beforeEach(() => {
    visitor.problems.length = 0
  })

  async function enter(look: Look, scripts = true): Promise<Visit> {
    const entered = await visit(browser, pool.server, look, scripts)
    await signIn(entered, pool.server)
    return entered
  }

  const page = () => visitor.page
  const button = (name: string) => page().getByRole('button', { name, exact: true })
  const row = (text: string) => page().locator('tbody tr').filter({ hasText: text })
  const names = async (of = page()) => (await of.locator('tbody tr strong').allTextContents()).filter(name => KEYS.includes(name))
  const head = (name: string, of = page()) => of.locator('thead th').filter({ has: of.getByRole('link', { name }) })

  async function sound({ page: of, problems }: Visit, width: number): Promise<void> {
    expect(problems).toEqual([])
    expect(await of.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await graveFaults(of)).toEqual([])
  }

  it('sort by a link that says the direction, and the address keeps it', async () => {
    await visitor.open('/keys')
    await head('Name').getByRole('link').click()
    await expect.poll(() => names()).toEqual(['Alpha', 'Bravo', 'charlie', 'delta'])
    expect(await head('Name').getAttribute('aria-sort')).toBe('ascending')
    await head('Name').getByRole('link').click()
    await expect.poll(() => names()).toEqual(['delta', 'charlie', 'Bravo', 'Alpha'])
    expect(await head('Name').getAttribute('aria-sort')).toBe('descending')
    expect(new URL(page().url()).searchParams.get('sort')).toBe('-name')
    await page().reload()
    expect(await names()).toEqual(['delta', 'charlie', 'Bravo', 'Alpha'])
    await sound(visitor, english.width)
  })

  it('sort and turn pages with scripts off', async () => {
    const plain = await enter(english, false)
    await plain.page.goto('/groups')
    await head('Name', plain.page).getByRole('link').click()
    const first = await plain.page.locator('tbody tr strong').allTextContents()
    expect(first).toEqual(Array.from({ length: 20 }, (_, at) => `team ${String(at).padStart(2, '0')}`))
    await plain.page.getByRole('link', { name: 'Next' }).click()
    expect(await plain.page.locator('tbody tr strong').allTextContents()).toEqual(['team 20', 'team 21'])
    await plain.close()
  })

  it('a search that was typed does not call back who leaves for another page', async () => {
    await visitor.open('/keys')
    await page().getByLabel('Search', { exact: true }).fill('alpha')
    await page().getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Logs' }).click()
    await page().waitForURL(`${visitor.url}/logs`)
    await page().getByRole('heading', { name: 'Logs', level: 1 }).waitFor()
  })

  it('say so when the address holds a page of another order', async () => {
    await visitor.open('/keys?sort=name&cursor=-name.x')
    await page().getByRole('alert').getByText('not a page of this list').waitFor()
    expect(visitor.problems).toEqual([])
  })

  it('show the columns that somebody chose, in the chosen density, from the first byte on', async () => {
    await visitor.open('/keys')
    const created = () => page().getByRole('columnheader', { name: 'Created' })
    expect(await created().count()).toBe(0)
    await page().getByText('Columns', { exact: true }).first().click()
    await page().getByRole('group', { name: 'Columns' }).getByLabel('Created').check()
    await created().waitFor()
    await sound(visitor, english.width)
    await page().keyboard.press('Escape')
    expect(await page().getByRole('group', { name: 'Columns' }).count()).toBe(0)
    await button('Compact').click()
    await page().reload()
    await created().waitFor()
    expect(await button('Compact').getAttribute('aria-pressed')).toBe('true')
    const cookie = (await visitor.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    const html = await (await fetch(`${pool.server.url}/keys`, { headers: { cookie } })).text()
    expect(html).toContain('data-colkey="created"')
    expect(html).toContain('t-size-s')
    await sound(visitor, english.width)
  })

  it('count the filters that are set and clear them together', async () => {
    await visitor.open('/keys?q=alpha&status=active')
    await page().getByText('Filters set: 2').waitFor()
    expect(await names()).toEqual(['Alpha'])
    await button('Clear filters').click()
    await row('Bravo').waitFor()
    expect(new URL(page().url()).search).toBe('')
  })

  it('take a disabling back', async () => {
    await visitor.open('/keys')
    await page().getByRole('switch', { name: 'Enabled: Bravo' }).press('Space')
    await row('Bravo').getByText('Disabled').waitFor()
    await button('Undo').click()
    await row('Bravo').getByText('Active').waitFor()
    await sound(visitor, english.width)
  })

  it('change many keys, also of other pages, and take that back too', async () => {
    await visitor.open('/keys')
    await page().getByLabel('Select Alpha').check()
    await page().getByLabel('Select delta').check()
    await button('Disable').click()
    await row('delta').getByText('Disabled').waitFor()
    await row('Alpha').getByText('Disabled').waitFor()
    await page().getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: '2' }).getByRole('button', { name: 'Undo' }).click()
    await row('delta').getByText('Active').waitFor()
    await row('Alpha').getByText('Active').waitFor()
  })

  it('ask before they drop what was typed into a form', async () => {
    await button('Edit: Bravo').click()
    const form = page().getByRole('dialog')
    await form.getByLabel('Name').fill('Bravo two')
    await page().keyboard.press('Escape')
    const question = page().getByRole('alertdialog')
    await question.getByText('would be lost').waitFor()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'hidden' })
    expect(await form.getByLabel('Name').inputValue()).toBe('Bravo two')
    await form.getByRole('button', { name: 'Cancel' }).click()
    await question.getByRole('button', { name: 'Discard' }).click()
    await form.waitFor({ state: 'hidden' })
    await row('Bravo').waitFor()
  })

  describe('the command palette', () => {
    const box = () => page().getByRole('combobox', { name: 'Go to a page' })

    it('opens by keyboard, finds a key on the server and goes to it', async () => {
      await visitor.open('/dashboard')
      await page().keyboard.press('Control+k')
      await box().fill('charl')
      await page().getByRole('option', { name: 'charlie' }).waitFor()
      await sound(visitor, english.width)
      await page().keyboard.press('Enter')
      await row('charlie').waitFor()
      expect(await names()).toEqual(['charlie'])
    })

    it('goes to pages by arrows, closes by Escape and gives the focus back', async () => {
      await page().getByRole('button', { name: 'Go to…' }).focus()
      await page().keyboard.press('Enter')
      await box().fill('group')
      await page().getByRole('listbox', { name: 'Results' }).getByRole('option').first().waitFor()
      await page().keyboard.press('ArrowDown')
      await page().keyboard.press('ArrowUp')
      await page().keyboard.press('Escape')
      await box().waitFor({ state: 'hidden' })
      expect(await page().evaluate('document.activeElement?.textContent')).toContain('Go to…')
      await page().keyboard.press('Control+k')
      await box().fill('groups')
      await page().keyboard.press('Enter')
      await page().getByRole('heading', { name: 'Groups' }).waitFor()
    })
  })

  describe('testing all accounts', () => {
    it('shows how far it is and what came of each', async () => {
      await pool.reset()
      pool.upstreams[1]!.queue(status(401, { message: 'invalid x-api-key' }))
      await visitor.open('/accounts')
      await button('Test all shown').click()
      await page().getByText('Done: 2 well, 1 failed').waitFor()
      await row('account 1').getByText(/^Failed: .*invalid x-api-key/).waitFor()
      await row('account 0').getByText(/^Works: /).waitFor()
      expect(await page().getByRole('progressbar').getAttribute('aria-valuenow')).toBe('3')
      await sound(visitor, english.width)
    })

    it('stops when it is told to', async () => {
      await pool.reset()
      let open = (): void => {}
      const gate = new Promise<void>(resolve => open = resolve)
      for (const upstream of pool.upstreams) upstream.queue(after(gate, ok()))
      await visitor.open('/accounts')
      await button('Test all shown').click()
      await button('Stop').click()
      await page().getByText('Stopped after 0 of 3').waitFor()
      expect(await row('account 0').getByText('Stopped before an answer came.').isVisible()).toBe(true)
      open()
      await button('Test all shown').click()
      await page().getByText('Done: 3 well, 0 failed').waitFor()
    })
  })

  it('fold the menu to icons, also after a reload', async () => {
    await visitor.open('/keys')
    await button('Fold the menu to icons').click()
    await page().reload()
    expect(await page().locator('aside').evaluate(element => element.getBoundingClientRect().width)).toBeLessThan(80)
    await page().getByRole('link', { name: 'Groups' }).first().click()
    await page().getByRole('heading', { name: 'Groups' }).waitFor()
    await sound(visitor, english.width)
  })

  it('are cards with a choice of order on a phone', async () => {
    const small = await enter(phone)
    await small.open('/keys')
    await small.page.getByLabel('Order').selectOption('name')
    await expect.poll(() => names(small.page)).toEqual(['Alpha', 'Bravo', 'charlie', 'delta'])
    await small.page.getByRole('button', { name: 'Go to…' }).click()
    await small.page.getByRole('combobox', { name: 'Go to a page' }).fill('logs')
    await sound(small, phone.width)
    await small.close()
  })
})
