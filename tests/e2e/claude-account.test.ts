import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { KeyWithSecret } from '#shared/types/api'
import { looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { takeTokensOf } from '../helpers/claude-server'
import { send } from '../helpers/http'
import { startOAuth, type OAuthServer } from '../helpers/oauth'
import { smallBody } from '../helpers/relay'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { ok, status } from '../helpers/upstream/behaviours'

const reset = Math.round(Date.now() / 1000) + 3_600
const windows = { 'anthropic-ratelimit-unified-5h-utilization': '0.85', 'anthropic-ratelimit-unified-5h-reset': String(reset) }

// One story, in order: an official account from the link to its end and back.
describeWith(['chromium'], 'an official account in the console', () => {
  let oauth: OAuthServer
  let upstream: Upstream
  let server: TestServer
  let browser: Browser
  let visitor: Visit
  let page: Page
  let key: KeyWithSecret

  beforeAll(async () => {
    oauth = await startOAuth()
    upstream = await startUpstream()
    server = await startServer({ CLAUDE_AUTH_BASE_URL: oauth.url, CLAUDE_API_BASE_URL: upstream.url })
    key = await (await server.login()).addKey()
    browser = await openBrowser()
    visitor = await visit(browser, server, looks[2]!)
    page = visitor.page
    await signIn(visitor, server)
    await visitor.open('/accounts')
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await upstream?.close()
    await oauth?.close()
  })

  const dialog = () => page.getByRole('dialog')
  const save = () => dialog().getByRole('button', { name: 'Save' }).click()
  const link = async () => String(await dialog().getByRole('link', { name: 'Open the sign-in page' }).getAttribute('href'))
  const ask = () => send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key.key }, body: smallBody() })

  it('is added by a link and the code that comes back, with the terms in sight', async () => {
    await page.getByRole('button', { name: 'Add account' }).first().click()
    await dialog().getByLabel('Name').fill('Official one')
    await dialog().getByLabel('Platform').selectOption('claude')
    expect(await dialog().getByText('Mind the provider\'s terms').isVisible()).toBe(true)
    expect(await dialog().getByLabel('Setup token or access token').count()).toBe(0)
    await dialog().getByRole('button', { name: 'Get the sign-in link' }).click()
    await dialog().getByText('The link is good until').waitFor()
    const { code, shown } = oauth.allow(await link())
    await dialog().getByLabel('Code or address').fill(`${code}#of-another-sign-in`)
    await save()
    await dialog().getByText('Belongs to another sign-in').waitFor()
    visitor.problems.length = 0
    await dialog().getByLabel('Code or address').fill(shown)
    await save()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByText('Official one').first().waitFor()
  })

  it('shows how much of its windows is used', async () => {
    takeTokensOf(oauth, upstream, () => ok({}, windows))
    expect((await ask()).status).toBe(200)
    await expect.poll(async () => {
      await page.reload()
      return page.getByRole('list', { name: 'Usage' }).allInnerTexts()
    }, { timeout: 20_000, interval: 1_000 }).toEqual([expect.stringMatching(/5 hours · 85 % used\s+resets \d{4}-/)])
  })

  it('is signed in again where it says so', async () => {
    upstream.script(() => status(401))
    oauth.before = () => ({ status: 400, body: { error: 'invalid_grant' } })
    await ask()
    oauth.before = null
    takeTokensOf(oauth, upstream, () => ok())
    await expect.poll(async () => {
      await page.reload()
      return page.getByRole('button', { name: 'Sign in again: Official one' }).count()
    }, { timeout: 20_000, interval: 500 }).toBe(1)
    await visitor.open('/accounts')
    await page.getByRole('button', { name: 'Sign in again: Official one' }).click()
    await dialog().getByRole('button', { name: 'Get the sign-in link' }).click()
    await dialog().getByLabel('Code or address').fill(oauth.allow(await link()).callback)
    await save()
    await dialog().waitFor({ state: 'hidden' })
    await page.locator('tbody').getByText('Normal').first().waitFor()
    expect((await ask()).status).toBe(200)
  })

  it('is added by a setup token as well', async () => {
    await page.getByRole('button', { name: 'Add account' }).first().click()
    await dialog().getByLabel('Name').fill('By token')
    await dialog().getByLabel('Platform').selectOption('claude')
    await dialog().getByLabel('How to add it').selectOption('token')
    await dialog().getByLabel('Setup token or access token').fill('sk-ant-oat01-0123456789abcdef')
    await save()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByText('By token').first().waitFor()
    expect(await page.content()).not.toContain('sk-ant-oat01-0123456789')
  })

  it('complained about nothing on the way', () => {
    expect(visitor.problems).toEqual([])
  })
})
