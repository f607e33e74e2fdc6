import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from '../helpers/api'
import { graveFaults, looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { startHook, type Hook } from '../helpers/hook'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'

const SECRET = 'a-signing-secret-xyz9'

// One story, in order, on a phone: from no channel to a message that arrives.
describeWith(['chromium'], 'notifications in the console', () => {
  let server: TestServer
  let hook: Hook
  let browser: Browser
  let visitor: Visit
  let page: Page
  let api: ApiClient

  beforeAll(async () => {
    server = await startServer()
    hook = await startHook()
    browser = await openBrowser()
    api = await server.login()
    visitor = await visit(browser, server, looks[2]!)
    page = visitor.page
    await signIn(visitor, server)
    await visitor.open('/notifications')
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
    await hook?.close()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const dialog = () => page.getByRole('dialog')
  const row = (text: string) => page.locator('tbody tr').filter({ hasText: text })

  it('says what to do while there is none', async () => {
    await page.getByText('No channels yet').waitFor()
    expect(await graveFaults(page)).toEqual([])
  })

  it('tells at the field what is wrong', async () => {
    await button('Add channel').first().click()
    await dialog().getByLabel('Address').fill('not a url')
    await dialog().getByLabel('Signing secret').fill('short')
    await dialog().getByLabel('Name').fill('Ops hook')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().getByText('Must be an http or https address').waitFor()
    expect(await dialog().getByText('Needs 8 characters or more').isVisible()).toBe(true)
    await expect.poll(() => graveFaults(page)).toEqual([])
    // The refusal itself.
    visitor.problems.length = 0
  })

  it('offers the fields of each kind, and mail only with a mail server', async () => {
    const kind = dialog().getByLabel('Kind')
    expect(await kind.locator('option').allTextContents()).toEqual(['Webhook (JSON)', 'Slack', 'Feishu / Lark', 'DingTalk', 'Telegram'])
    expect(await dialog().getByText('SMTP_HOST').isVisible()).toBe(true)
    await kind.selectOption('telegram')
    await dialog().getByLabel('Bot token').waitFor()
    await kind.selectOption('webhook')
  })

  it('creates a channel, whose test message arrives signed', async () => {
    await dialog().getByLabel('Address').fill(`${hook.url}/hooks/0123456789`)
    await dialog().getByLabel('Signing secret').fill(SECRET)
    await dialog().getByLabel('A scheduled task failed').uncheck()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await row('Ops hook').getByText('Nothing sent yet').waitFor()
    await button('Test: Ops hook').click()
    await row('Ops hook').getByText('The test message was taken.').waitFor()
    await row('Ops hook').getByText('Working').waitFor()
    const [call] = await hook.until(1)
    expect(call!.json).toMatchObject({ event: 'test', title: 'Test message' })
    expect(call!.headers['webhook-signature']).toMatch(/^v1,/)
    expect(await page.content()).not.toContain(SECRET)
  })

  it('shows in words why a message was refused', async () => {
    hook.answers({ status: 404, body: 'no_such_hook' })
    await button('Test: Ops hook').click()
    await row('Ops hook').getByText('Refused (status 404): no_such_hook').waitFor()
    await row('Ops hook').getByText('Failing').waitFor()
    await page.mouse.move(0, 0)
    await expect.poll(() => graveFaults(page)).toEqual([])
    await page.reload()
    await row('Ops hook').getByText('no_such_hook').waitFor()
    hook.answers({})
  })

  it('keeps address and secret that are not entered anew', async () => {
    await visitor.open('/notifications')
    await button('Edit: Ops hook').click()
    expect(await dialog().getByLabel('Signing secret', { exact: true }).getAttribute('placeholder')).toContain('…xyz9')
    expect(await dialog().getByLabel('A scheduled task failed').isChecked()).toBe(false)
    await dialog().getByLabel('Name').fill('Renamed hook')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await button('Test: Renamed hook').click()
    await row('Renamed hook').getByText('The test message was taken.').waitFor()
    expect(hook.calls.at(-1)).toMatchObject({ path: '/hooks/0123456789', headers: { 'webhook-signature': expect.stringMatching(/^v1,/) as string } })
  })

  it('is told when an account fails', async () => {
    const before = hook.calls.length
    const dead = await startHook({ status: 401, body: '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}' })
    await api.addAccount({ name: 'broken one', baseUrl: dead.url })
    const { key } = await api.addKey()
    await fetch(`${server.relay}/v1/messages`, {
      method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }),
    })
    const calls = await hook.until(before + 1)
    const told = calls.slice(before).map(({ json }) => `${String(json.event)} ${String(json.title)}`)
    expect(told.join('\n')).toContain('account_abnormal Account “broken one” does not work')
    await dead.close()
  })

  it('is disabled, and deleted after a question', async () => {
    await page.getByRole('switch', { name: 'Enabled: Renamed hook' }).click()
    await row('Renamed hook').getByText('Disabled').waitFor()
    await button('Delete: Renamed hook').click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No channels yet').waitFor()
    expect(visitor.problems).toEqual([])
  })
})
