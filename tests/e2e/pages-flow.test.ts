import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../helpers/api'
import { looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { send } from '../helpers/http'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { smallBody } from '../helpers/relay'

const SECRET = 'upstream-secret-of-the-first-account'

// One story, in order: from an empty console to a counted request, over plain http.
describeWith(['chromium'], 'the way of a new owner', () => {
  let server: TestServer
  let upstream: Upstream
  let browser: Browser
  let visitor: Visit
  let page: Page
  let api: ApiClient
  let key = ''

  beforeAll(async () => {
    server = await startServer()
    upstream = await startUpstream()
    browser = await openBrowser()
    visitor = await visit(browser, server, looks[1]!)
    page = visitor.page
    api = await server.login()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await upstream?.close()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const dialog = () => page.getByRole('dialog')
  const row = (text: string) => page.locator('tbody tr').filter({ hasText: text })

  it('signs in, and the cookie holds without https', async () => {
    await visitor.open('/')
    await page.getByRole('link', { name: 'Sign in to the console' }).click()
    await page.getByLabel('User name or e-mail').fill(server.admin.username)
    await page.getByLabel('Password', { exact: true }).fill('wrong password')
    await button('Sign in').click()
    await page.getByText('The name or the password is wrong.').waitFor()
    visitor.problems.length = 0
    await page.getByLabel('Password', { exact: true }).fill(server.admin.password)
    await button('Sign in').click()
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
  })

  it('is led by empty states', async () => {
    await page.getByRole('link', { name: 'Add an account' }).click()
    await dialog().waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
    await page.getByText('No accounts yet').waitFor()
    expect(await page.getByText('Mind the provider\'s terms').isVisible()).toBe(true)
  })

  it('is told at the field what is wrong', async () => {
    await button('Add account').first().click()
    await dialog().getByLabel('Base URL').fill('not a url')
    await dialog().getByRole('button', { name: 'Save' }).click()
    const name = dialog().getByLabel('Name')
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true')
    expect(await dialog().getByText('Is required').count()).toBeGreaterThan(0)
    expect(await dialog().getByText('Must be an http or https address').isVisible()).toBe(true)
  })

  it('adds an account and tests it', async () => {
    await dialog().getByLabel('Name').fill('Console one')
    expect(await dialog().getByLabel('Name').getAttribute('aria-invalid')).not.toBe('true')
    await dialog().getByLabel('Base URL').fill(upstream.url)
    expect(await dialog().getByText('Must be an http or https address').count()).toBe(0)
    await dialog().getByLabel('API key').fill(SECRET)
    await dialog().getByRole('button', { name: 'Save' }).click()
    await row('Console one').waitFor()
    await button('Test: Console one').click()
    await page.getByText(/^Works: .* ms/).waitFor()
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`)
  })

  it('never gets the secret back', async () => {
    await button('Edit: Console one').click()
    const secret = dialog().getByLabel('API key')
    expect(await secret.inputValue()).toBe('')
    expect(await secret.getAttribute('placeholder')).toContain(SECRET.slice(-4))
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().waitFor({ state: 'hidden' })
    expect(await page.content()).not.toContain(SECRET)
    await button('Test: Console one').click()
    await expect.poll(() => upstream.requests.length).toBe(2)
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`)
  })

  it('creates a key, sees it once and copies settings without a clipboard object', async () => {
    await page.getByRole('link', { name: 'Keys' }).click()
    await button('Create key').first().click()
    await dialog().getByLabel('Name').fill('Alice')
    await dialog().getByRole('button', { name: 'Create key' }).click()
    await dialog().getByText('The key is shown this once').waitFor()
    key = (await dialog().getByRole('group', { name: 'The key' }).textContent())?.trim() ?? ''
    expect(key).toMatch(/^sk-/)
    await page.keyboard.press('Escape')
    const warning = page.getByRole('alertdialog', { name: 'Close without copying it?' })
    await warning.getByRole('button', { name: 'Cancel' }).click()
    await warning.waitFor({ state: 'hidden' })
    expect(await page.evaluate('window.isSecureContext')).toBe(false)
    await dialog().getByRole('button', { name: '~/.claude/settings.json', exact: true }).click()
    await dialog().getByRole('button', { name: 'Copy: ~/.claude/settings.json' }).click()
    await dialog().getByText('Copied').waitFor()
    await button('I have stored it').click()
    await dialog().waitFor({ state: 'hidden' })
    await page.getByLabel('Search').focus()
    await page.keyboard.press('Control+V')
    expect(await page.getByLabel('Search').inputValue()).toContain(`"ANTHROPIC_AUTH_TOKEN": "${key}"`)
    expect(await page.getByLabel('Search').inputValue()).toContain(`${visitor.url}/claude-code`)
    await page.getByLabel('Search').fill('')
    expect(await page.content()).not.toContain(key)
  })

  it('sees the first request in the logs, with account, tokens and cost', async () => {
    await send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key}` }, body: smallBody() })
    const [log] = await api.waitForLogs(1)
    await page.getByRole('link', { name: 'Logs' }).click()
    // The page before has a row of that name too.
    await row('Alice').filter({ hasText: '200 OK' }).waitFor()
    await row('Alice').getByRole('button').click()
    await dialog().getByText(log!.requestId).waitFor()
    expect(await dialog().getByText('Console one').first().isVisible()).toBe(true)
    expect(await dialog().getByRole('table').textContent()).toMatch(/Input.*Output.*Total\$0\.\d+/s)
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
  })

  it('takes the logs away as a file', async () => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()])
    expect(file.suggestedFilename()).toMatch(/^relay-logs-\d{4}-\d\d-\d\d\.csv$/)
    const [head, line] = (await readFile(await file.path(), 'utf8')).split('\r\n')
    expect(head).toMatch(/^\uFEFFtime,/)
    expect(line).toContain(',Alice,')
  })

  it('filters the logs, and the link keeps the filter', async () => {
    await page.getByLabel('Outcome').selectOption('refused')
    await page.getByText('Nothing matches').waitFor()
    expect(page.url()).toContain('outcome=refused')
    await page.reload()
    await page.getByText('Nothing matches').waitFor()
    await button('Clear filters').click()
    await row('Alice').waitFor()
  })

  it('disables a key at once', async () => {
    await page.getByRole('link', { name: 'Keys' }).click()
    await page.getByRole('switch', { name: 'Enabled: Alice' }).press('Space')
    await row('Alice').getByText('Disabled').waitFor()
    const answer = await send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key}` }, body: smallBody() })
    expect(answer.status).toBe(401)
  })

  it('asks before it deletes, says what follows, and gives the focus back', async () => {
    await button('Delete: Alice').click()
    const question = page.getByRole('alertdialog')
    await question.getByText('refused at once').waitFor()
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Delete: Alice')
    await button('Delete: Alice').click()
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No keys yet').waitFor()
  })

  it('complained about nothing on the way', () => {
    expect(visitor.problems).toEqual([])
  })

  describe('everywhere', () => {
    it('remembers language and theme', async () => {
      await visitor.open('/accounts')
      await button('Language: 中文').click()
      await page.getByRole('heading', { name: '账号', exact: true }).waitFor()
      await page.getByRole('button', { name: /^主题/ }).click()
      await page.reload()
      await page.getByRole('heading', { name: '账号', exact: true }).waitFor()
      expect(await page.locator('html').getAttribute('theme-mode')).toBe('light')
    })

    it('keeps the focus inside an open form', async () => {
      await button('添加账号').first().click()
      await dialog().waitFor()
      for (let step = 0; step < 30; step++) await page.keyboard.press('Tab')
      expect(await page.evaluate('Boolean(document.activeElement?.closest("[role=dialog]"))')).toBe(true)
      await page.keyboard.press('Escape')
    })

    it('has its menu in a drawer on a phone', async () => {
      const phone = await visit(browser, server, looks[2]!)
      await signIn(phone, server)
      await phone.open('/dashboard')
      await phone.page.getByRole('button', { name: 'Open the menu' }).click()
      await phone.page.getByRole('dialog').getByRole('link', { name: 'Groups' }).click()
      await phone.page.getByRole('heading', { name: 'Groups' }).waitFor()
      expect(phone.problems).toEqual([])
      await phone.close()
    })
  })
})
