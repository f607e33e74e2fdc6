import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiClient } from '../helpers/api'
import { looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'

describeWith(['chromium'], 'signing in', () => {
  let server: TestServer
  let browser: Browser
  let start: string

  beforeAll(async () => {
    server = await startServer({ DEFAULT_ADMIN_PASSWORD: '' })
    browser = await openBrowser()
    start = /password:?\s+(\S+)/i.exec(server.logs())?.[1] ?? ''
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
  })

  async function fill({ page }: Visit, username: string, password: string): Promise<void> {
    await page.getByLabel('User name or e-mail').fill(username)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  it('leads from the start password to an own one, and then on to where it was going', async () => {
    const visitor = await visit(browser, server, looks[1]!)
    const { page } = visitor
    await visitor.open('/keys?enabled=true')
    await fill(visitor, 'admin', start)
    await page.getByRole('heading', { name: 'Change password' }).waitFor()
    await visitor.open('/accounts')
    await page.getByRole('heading', { name: 'Change password' }).waitFor()
    await page.getByLabel('Current password').fill(start)
    await page.getByLabel('New password').fill('short')
    await page.getByRole('button', { name: 'Save new password' }).click()
    await page.getByText('Needs 8 characters or more').waitFor()
    await page.getByLabel('New password').fill(server.admin.password)
    await page.getByText('Needs 8 characters or more').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save new password' }).click()
    await page.getByRole('heading', { name: 'Accounts', exact: true }).waitFor()
    expect(visitor.problems).toEqual([])
    await visitor.close()
  })

  it.each(['//evil.example', 'https://evil.example/', '/\\evil.example'])('does not lead away to %s', async (next) => {
    const visitor = await visit(browser, server, looks[1]!)
    await visitor.open(`/login?next=${encodeURIComponent(next)}`)
    await fill(visitor, server.admin.username, server.admin.password)
    await visitor.page.waitForURL(`${visitor.url}/dashboard`)
    await visitor.close()
  })

  it('sends who is signed in already past the sign-in page', async () => {
    const visitor = await visit(browser, server, looks[1]!)
    await signIn(visitor, server)
    await visitor.open('/login?next=/keys')
    expect(visitor.page.url()).toBe(`${visitor.url}/keys`)
    await visitor.close()
  })

  it('asks to sign in again when the session ended behind an open page, and comes back', async () => {
    const visitor = await visit(browser, server, looks[1]!)
    const cookie = await signIn(visitor, server)
    await visitor.open('/logs')
    await fetch(`${server.url}/api/auth/logout`, { method: 'POST', headers: { cookie } })
    // The live feed ends with the session.
    await visitor.page.waitForURL(`${visitor.url}/login?next=/logs`)
    await fill(visitor, server.admin.username, server.admin.password)
    await visitor.page.getByRole('heading', { name: 'Logs' }).waitFor()
    await visitor.close()
  })

  it('signs out', async () => {
    const visitor = await visit(browser, server, looks[1]!)
    await signIn(visitor, server)
    await visitor.open('/dashboard')
    await visitor.page.getByRole('button', { name: 'User menu: admin' }).click()
    await visitor.page.getByRole('button', { name: 'Sign out' }).click()
    await visitor.page.waitForURL(`${visitor.url}/login`)
    await visitor.open('/dashboard')
    expect(visitor.page.url()).toContain('/login?next=/dashboard')
    await visitor.close()
  })

  it('never puts a password into the address, even before scripts run', async () => {
    const visitor = await visit(browser, server, looks[1]!, false)
    await visitor.open('/login')
    await fill(visitor, 'admin', 'a-password-that-must-not-show')
    expect(visitor.page.url()).not.toContain('a-password-that-must-not-show')
    await visitor.close()
  })

  it('says how long to wait after too many attempts', async () => {
    const visitor = await visit(browser, server, looks[1]!)
    await visitor.open('/login')
    const api = createApiClient(server.url)
    let status = 0
    for (let attempt = 0; attempt < 60 && status !== 429; attempt++)
      status = (await api.call('POST', '/api/auth/login', { username: 'nobody', password: 'wrong password' })).status
    expect(status).toBe(429)
    await fill(visitor, 'nobody', 'wrong password')
    await visitor.page.getByText(/Too many attempts: try again in \d+ seconds/).waitFor()
    await visitor.close()
  })
})
