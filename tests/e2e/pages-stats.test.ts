import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { formatCount, formatMoneyShort, formatTokens } from '#shared/utils/format'
import type { StatsOverviewView, StatsSummaryView } from '#shared/types/stats'
import { looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { send } from '../helpers/http'
import { smallBody, startRelay, type Relay } from '../helpers/relay'
import { readStream } from '../helpers/sse'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { after, ok } from '../helpers/upstream/behaviours'
import { gate } from '../helpers/upstream/paced'

const english = looks[1]!

/** The budget of a console page, compressed as a server would send it. */
const MAX_SCRIPT_KIB = 480

describeWith(['chromium'], 'dashboard, statistics and live logs', () => {
  let relay: Relay
  let browser: Browser
  let visitor: Visit
  let page: Page

  beforeAll(async () => {
    relay = await startRelay()
    browser = await openBrowser()
    for (let n = 0; n < 3; n++) await send(relay.ask())
    await send(relay.ask({ model: 'claude-opus-4-8' }))
    await relay.api.waitForLogs(4)
    visitor = await visit(browser, relay.server, english)
    page = visitor.page
    await signIn(visitor, relay.server)
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.close()
  })

  const panel = (name: string) => page.getByRole('region', { name, exact: true })

  it('shows the numbers that the API tells, and counts a running request as it comes and goes', async () => {
    await visitor.open('/dashboard')
    const overview = await relay.api.ok<StatsOverviewView>('GET', '/api/stats/overview')
    const card = (label: string) => page.locator('dl > div').filter({ has: page.locator('dt', { hasText: label }) })
    expect(await card('Cost in all').locator('strong').textContent()).toBe(formatMoneyShort(Number(overview.total.costNano), 'en'))
    expect(await card('Tokens in all').locator('strong').textContent()).toBe(formatTokens(overview.total.totalTokens, 'en'))
    expect(await card('Today').textContent()).toContain(`${formatCount(overview.today.requests)} requests`)
    const cost = formatMoneyShort(Number(overview.accounts[0]!.costNano), 'en')
    expect(await panel('Accounts by cost').getByRole('row', { name: 'first' }).textContent()).toContain(cost)

    const wait = gate()
    relay.upstream.queue(after(wait.opened, ok()))
    const answer = readStream(relay.ask())
    await page.getByText('1 running now').waitFor()
    wait.open()
    await answer
    await page.getByText('0 running now').waitFor()
    await card('Today').getByText('5 requests').waitFor()
    expect(visitor.problems).toEqual([])
  })

  it('has the data of a chart as a table, to readers of the screen always', async () => {
    const chart = panel('Cost and requests, 30 days')
    await chart.locator('svg').first().waitFor()
    expect(await chart.getByRole('table').locator('tbody tr').count()).toBe(30)
    await chart.getByRole('button', { name: 'As a table: Cost and requests, 30 days' }).click()
    expect(await chart.locator('svg').first().isVisible()).toBe(false)
    const today = chart.getByRole('table').locator('tbody tr').first()
    expect(await today.isVisible()).toBe(true)
    expect(await today.textContent()).toMatch(/^\s*\d{4}-\d\d-\d\d\s*\$0\.\d+\s*5\s*$/)
    await chart.getByRole('button', { name: 'As a table' }).click()
    await chart.locator('svg').first().waitFor()
  })

  it('draws in the colours of the theme, at once when that changes', async () => {
    const stroke = () => panel('Cost and requests, 30 days').locator('svg path[fill="none"]').evaluateAll(paths => paths.map(path => path.getAttribute('stroke')).join())
    const dark = await stroke()
    await page.evaluate('document.documentElement.classList.remove("dark")')
    await expect.poll(stroke).not.toBe(dark)
    await page.evaluate('document.documentElement.classList.add("dark")')
    await expect.poll(stroke).toBe(dark)
  })

  it('narrows statistics down by the address, compares when asked, and leads to the logs', async () => {
    await visitor.open(`/stats?range=today&keyId=${relay.key.id}`)
    const summary = await relay.api.ok<StatsSummaryView>('GET', `/api/stats/summary?days=1&keyId=${relay.key.id}`)
    const requests = page.locator('dl > div').filter({ has: page.locator('dt', { hasText: 'Requests' }) })
    expect(await requests.locator('strong').textContent()).toBe(formatCount(summary.current.requests))
    expect(await requests.textContent()).toContain('0 before')
    await page.getByRole('switch', { name: 'Compare with the time before' }).click()
    await page.waitForURL(/compare=off/)
    expect(await requests.textContent()).not.toContain('before')
    await page.getByLabel('Model', { exact: true }).selectOption('claude-opus-4-8')
    await page.waitForURL(/model=claude-opus-4-8/)
    await expect.poll(() => requests.locator('strong').textContent()).toBe('1')
    await page.getByRole('link', { name: 'Logs of claude-opus-4-8' }).click()
    await page.waitForURL(/\/logs\?.*model=claude-opus-4-8/)
    await page.locator('tbody tr').first().waitFor()
    expect(await page.locator('tbody tr').count()).toBe(1)
  })

  it('groups by session, and says why it cannot with a filter by model', async () => {
    await visitor.open('/stats?by=session')
    expect(await page.getByRole('link', { name: 'Session', exact: true }).getAttribute('aria-current')).toBe('true')
    await visitor.open('/stats?by=session&model=claude-opus-4-8')
    expect(await page.getByRole('link', { name: 'Session', exact: true }).count()).toBe(0)
    await page.getByText('not by account or model').waitFor()
    visitor.problems.length = 0
  })

  it('lets new rows come in on top while it follows, and keeps them waiting while a drawer is open', async () => {
    await visitor.open('/logs')
    const rows = page.locator('tbody tr')
    const before = await rows.count()
    await send(relay.ask({ model: 'claude-haiku-4-5' }))
    await page.getByRole('button', { name: 'New requests: 1' }).click()
    await expect.poll(() => rows.count()).toBe(before + 1)
    expect(await rows.first().textContent()).toContain('claude-haiku-4-5')
    await page.getByRole('switch', { name: 'Live' }).click()
    await page.waitForURL(/live=1/)
    await send(relay.ask({ model: 'claude-opus-4-8' }))
    await expect.poll(() => rows.first().textContent()).toContain('claude-opus-4-8')

    await rows.first().getByRole('button').click()
    await page.getByRole('dialog').waitFor()
    await send(relay.ask())
    await page.getByText('New requests: 1').waitFor()
    const whileOpen = await rows.count()
    await page.keyboard.press('Escape')
    await expect.poll(() => rows.count()).toBe(whileOpen + 1)
  })

  it('finds requests by their cost', async () => {
    const all = await relay.api.listLogs()
    const most = Math.max(...all.map(row => row.costNano))
    await visitor.open(`/logs?minCostUsd=${(most / 1e9).toFixed(9)}`)
    expect(await page.locator('tbody tr').count()).toBe(all.filter(row => row.costNano === most).length)
    await visitor.open('/logs?minCostUsd=1000')
    await page.getByText('Nothing matches').waitFor()
  })

  it.each(['/dashboard', '/stats', '/logs', '/accounts', '/keys'])('%s stays within the budget of scripts', async (path) => {
    const look = await visit(browser, relay.server, english)
    await signIn(look, relay.server)
    let bytes = 0
    look.page.on('response', (response) => {
      if (response.url().endsWith('.js')) bytes += Number(response.headers()['content-length'] ?? 0)
    })
    await look.open(path)
    if (path === '/dashboard' || path === '/stats') await look.page.locator('.canvas svg').first().waitFor()
    await look.close()
    expect(bytes).toBeGreaterThan(0)
    expect(Math.round(bytes / 1024)).toBeLessThanOrEqual(MAX_SCRIPT_KIB)
  })
})

describeWith(['chromium'], 'the first steps', () => {
  let server: TestServer
  let upstream: Upstream
  let browser: Browser
  beforeAll(async () => {
    server = await startServer()
    upstream = await startUpstream()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await upstream?.close()
  })

  it('tick themselves as they are done, until the first request is there', async () => {
    const visitor = await visit(browser, server, english)
    const { page } = visitor
    await signIn(visitor, server)
    await visitor.open('/dashboard')
    const current = () => page.locator('li[aria-current=step]')
    expect(await current().textContent()).toContain('Add an upstream account')
    const api = await server.login()
    await api.addAccount({ baseUrl: upstream.url })
    await current().getByRole('button', { name: 'Test now' }).click()
    await expect.poll(() => current().textContent()).toContain('Create a key')
    const { key } = await api.addKey({ name: 'k' })
    await send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key }, body: smallBody() })
    await page.getByRole('heading', { name: 'First steps' }).waitFor({ state: 'hidden' })
    await page.getByRole('heading', { name: 'Latest requests' }).waitFor()
    expect(visitor.problems).toEqual([])
    await visitor.close()
  })
})
