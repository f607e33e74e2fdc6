import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../helpers/api'
import { allLooks, graveFaults, looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { addUserTo } from '../helpers/users'

const ann = { username: 'ann', password: 'a-test-password' }

/** `npm run test:pages` looks at every page in every way; `npm test` at each pair of them. */
const asked = process.env.PAGES_MATRIX === 'full'
  ? allLooks.flatMap(look => (['admin', 'user'] as const).map(role => ({ ...look, role })))
  : [...looks.map(look => ({ ...look, role: 'admin' as const })), ...[looks[1]!, looks[3]!].map(look => ({ ...look, role: 'user' as const }))]

interface Room {
  path: string
  signedIn: boolean
  /** What the HTML must hold, whatever the language. */
  data: string[]
}

/** Style sheets that only scripts brought: without them the first paint is not what the page looks like. */
async function lateStyles(page: Page): Promise<string[]> {
  const html = await page.evaluate<string>('fetch(location.href, { headers: { accept: "text/html" } }).then(answer => answer.text())')
  const used: string[] = await page.locator('link[rel=stylesheet]').evaluateAll(links => links.map(link => link.getAttribute('href') ?? ''))
  return used.filter(href => !html.includes(`href="${href}"`))
}

describeWith(['chromium'], 'pages', () => {
  let relay: Relay
  let browser: Browser

  const rooms: Room[] = [
    { path: '/', signedIn: false, data: ['ANTHROPIC_BASE_URL', '/claude-code', 'settings.json'] },
    { path: '/login', signedIn: false, data: ['name="username"', 'name="password"'] },
    { path: '/reset-password', signedIn: false, data: ['An administrator can give', '/login'] },
    { path: '/register', signedIn: false, data: ['/login'] },
    { path: '/stats/api-key', signedIn: false, data: ['name="api_key"', 'action="/stats/api-key"'] },
    { path: '/status', signedIn: false, data: ['claude-sonnet-5-5'] },
    { path: '/help', signedIn: false, data: ['/claude-code', '/help/setup', 'name="q"'] },
    { path: '/help/errors?q=pool_empty', signedIn: false, data: ['/help/errors#pool_empty', 'value="pool_empty"'] },
    { path: '/password', signedIn: true, data: ['name="newPassword"'] },
    { path: '/dashboard', signedIn: true, data: ['test key', 'claude-sonnet-5-5'] },
    { path: '/accounts', signedIn: true, data: ['first', 'Claude Console'] },
    { path: '/groups', signedIn: true, data: ['The crew', 'in the HTML'] },
    { path: '/keys', signedIn: true, data: ['test key', 'sk-'] },
    { path: '/notifications', signedIn: true, data: ['Ops hook', 'hooks.example.com'] },
    { path: '/stats', signedIn: true, data: ['test key', 'claude-sonnet-5-5', '<caption'] },
    { path: '/logs', signedIn: true, data: ['test key', 'first', 'claude-sonnet-5-5'] },
    { path: '/admin/audit', signedIn: true, data: ['The crew', '127.0.0.1'] },
    { path: '/admin/api-logs', signedIn: true, data: ['/api/groups', '201'] },
    { path: '/api-reference', signedIn: false, data: ['/api/keys/{id}/rotate', 'OpenAPI 3.1'] },
    { path: '/profile', signedIn: true, data: ['value="admin"', 'name="newPassword"', '127.0.0.1'] },
    { path: '/admin/users', signedIn: true, data: ['admin', 'person@example.com'] },
    { path: '/admin/invites', signedIn: true, data: ['invited@example.com'] },
    { path: '/admin/prices', signedIn: true, data: ['claude-3-5-haiku'] },
    { path: '/admin/settings', signedIn: true, data: ['Asia/Shanghai', 'value="3"'] },
    { path: '/admin/system', signedIn: true, data: ['accounts:recover', 'SQLite'] },
  ]

  beforeAll(async () => {
    relay = await startRelay()
    await addUserTo(relay.server, { ...ann, sharedPool: true })
    browser = await openBrowser()
    await relay.api.ok('POST', '/api/groups', { name: 'The crew', remark: 'in the HTML' })
    await relay.api.addAccount({ name: 'a-name-without-a-break-that-no-phone-has-the-width-for-0123456789', baseUrl: `${relay.upstream.url}/${'long'.repeat(40)}`, enabled: false })
    await relay.api.ok('POST', '/api/notification-channels', { name: 'Ops hook', kind: 'webhook', config: { url: `https://hooks.example.com/${'long'.repeat(40)}` }, events: ['limit_near', 'account_abnormal', 'task_failed'] })
    await relay.api.ok('POST', '/api/admin/users', { username: 'person', email: `person@example.com`, enabled: false })
    await relay.api.ok('POST', '/api/admin/users', { username: 'a-name-that-no-phone-has-the-width-for-0123456789', email: `${'long'.repeat(15)}@${'long'.repeat(15)}.example.com` })
    await relay.api.ok('POST', '/api/admin/invites', { email: 'invited@example.com' })
    await relay.api.addKey({ name: 'expired', expiresAt: 1, models: ['claude-sonnet-*', 'claude-haiku-*'] })
    await send(relay.ask())
    await send(relay.ask({ model: 'a-model-without-a-price' }))
    await relay.api.waitForLogs(2)
    await fillForAnn()
    await relay.api.ok('PATCH', '/api/admin/settings', { statusPage: { shown: true } })
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.close()
  })

  /** Somebody without the admin role has a little of everything too. */
  async function fillForAnn(): Promise<void> {
    const api = createApiClient(relay.server.url)
    await api.login(ann.username, ann.password)
    const { id: groupId } = await api.ok<{ id: string }>('POST', '/api/groups', { name: 'her crew' })
    await api.addAccount({ name: 'her account', baseUrl: 'https://api.example.com', groupId })
    await api.ok('POST', '/api/notification-channels', { name: 'her hook', kind: 'webhook', config: { url: 'https://hooks.example.com/x' }, events: ['limit_near'] })
    const { key } = await api.addKey({ name: 'her key', limits: { dailyUsd: '5' } })
    const ask = relay.ask()
    await send({ ...ask, headers: { ...ask.headers, authorization: `Bearer ${key}` } })
    await api.waitForLogs(1)
  }

  /** Somebody who signed in, and somebody who did not, in one look. */
  async function both(look: typeof looks[number], scripts = true, role: 'admin' | 'user' = 'admin') {
    const [guest, member] = [await visit(browser, relay.server, look, scripts), await visit(browser, relay.server, look, scripts)]
    await signIn(member, role === 'admin' ? relay.server : { ...relay.server, admin: { ...relay.server.admin, ...ann } })
    return {
      /** Who may see the room goes there. */
      async enter(room: Room): Promise<Visit> {
        const visitor = room.signedIn ? member : guest
        visitor.problems.length = 0
        await visitor.open(room.path)
        return visitor
      },
      close: () => Promise.all([guest.close(), member.close()]),
    }
  }

  describe('with scripts off', () => {
    let visitors: Awaited<ReturnType<typeof both>>
    beforeAll(async () => void (visitors = await both(looks[1]!, false)))
    afterAll(() => visitors?.close())

    it.each(rooms)('$path holds its data in the HTML, and shows it', async (room) => {
      const { page } = await visitors.enter(room)
      const html = (await page.content()).replace(/<script\b[\s\S]*?<\/script>/g, '')
      for (const text of room.data) expect(html).toContain(text)
      expect(await page.locator('h1').first().isVisible()).toBe(true)
    })
  })

  describe.each(asked)('in $language, $scheme, $width px, $role', (look) => {
    let visitors: Awaited<ReturnType<typeof both>>
    beforeAll(async () => void (visitors = await both(look, true, look.role)))
    afterAll(() => visitors?.close())

    it.each(rooms.filter(room => look.role === 'admin' || !room.path.startsWith('/admin/')))('$path is sound', async (room) => {
      const { page, problems } = await visitors.enter(room)
      // The live stream stays open, so the network is never idle.
      await page.waitForFunction('document.querySelectorAll("[aria-busy=true]").length === 0')
      expect(problems).toEqual([])
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language)
      expect(await page.locator('html').getAttribute('theme-mode')).toBe(look.scheme)
      expect(await page.title()).toContain('Claude Code Relay')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width)
      expect(await graveFaults(page)).toEqual([])
      expect(await lateStyles(page)).toEqual([])
    })
  })

  it.each(rooms.filter(room => room.signedIn))('$path is for people who signed in, and comes back after', async (room) => {
    const visitor = await visit(browser, relay.server, looks[1]!)
    await visitor.open(`${room.path}?x=1`)
    const { pathname, searchParams } = new URL(visitor.page.url())
    expect([pathname, searchParams.get('next')]).toEqual(['/login', `${room.path}?x=1`])
    await visitor.close()
  })

  it('says kindly that a page does not exist', async () => {
    const visitor = await visit(browser, relay.server, looks[1]!)
    const answer = await visitor.page.goto('/no/such/page')
    expect(answer?.status()).toBe(404)
    expect(await visitor.page.locator('h1').textContent()).toContain('no such page')
    expect(await lateStyles(visitor.page)).toEqual([])
    await visitor.close()
  })
})
