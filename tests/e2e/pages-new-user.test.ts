import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiClient } from '../helpers/api'
import { graveFaults, looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { addUserTo } from '../helpers/users'

const carl = { username: 'carl', password: 'a password of their own' }

// One story, in order: somebody who has nothing yet, without the shared pool and with it.
describeWith(['chromium'], 'the way of a new user', () => {
  let server: TestServer
  let browser: Browser
  let visitor: Visit
  let page: Page
  let api: ApiClient
  let id = ''

  beforeAll(async () => {
    server = await startServer()
    id = await addUserTo(server, carl)
    api = await server.login()
    browser = await openBrowser()
    visitor = await visit(browser, server, looks[2]!)
    page = visitor.page
    await signIn(visitor, { ...server, admin: carl })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
  })

  const dialog = () => page.getByRole('dialog')
  const step = () => page.locator('[aria-current=step]')
  const noGroup = () => dialog().getByRole('group', { name: 'Group' })
  const chosenGroup = () => dialog().getByRole('combobox', { name: 'Group' }).locator('option:checked')

  it('is told that an account is needed, and that its group comes first', async () => {
    await visitor.open('/dashboard')
    await step().getByText('You may not use the shared pool').waitFor()
    await step().getByRole('link', { name: 'Add an account' }).click()
    await noGroup().getByText('You have no group yet').waitFor()
    expect(await dialog().getByLabel('Platform').inputValue()).not.toBe('')
    expect(await graveFaults(page)).toEqual([])
  })

  it('is led from a key that needs a group to the form of a group', async () => {
    await visitor.open('/keys?new=1')
    await noGroup().getByText('ask an administrator for the shared pool').waitFor()
    expect(await graveFaults(page)).toEqual([])
    await noGroup().getByRole('link', { name: 'New group' }).click()
    await page.waitForURL(`${visitor.url}/groups`)
    await page.getByText('Make one, add an account to it').waitFor()
    expect(await page.getByText('The shared pool works without groups').count()).toBe(0)
    await dialog().getByLabel('Name').fill('of carl')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.locator('tbody tr').filter({ hasText: 'of carl' }).waitFor()
    await visitor.open('/keys?new=1')
    await expect.poll(() => chosenGroup().textContent()).toContain('of carl')
  })

  it('begins with a key where the shared pool may be used', async () => {
    await api.ok('PATCH', `/api/admin/users/${id}`, { sharedPool: true })
    await visitor.open('/dashboard')
    await step().getByRole('link', { name: 'Create a key' }).click()
    await expect.poll(() => chosenGroup().textContent()).toContain('Shared pool')
    await dialog().getByLabel('Name').fill('laptop')
    await dialog().getByRole('button', { name: 'Create key' }).click()
    await dialog().getByRole('button', { name: 'I have stored it' }).click()
  })

  it('goes on with the settings, and is not sent back for an account', async () => {
    await visitor.open('/dashboard')
    await step().getByText('Copy the client settings').waitFor()
    expect(await page.getByText('Add an upstream account').count()).toBe(0)
    expect(visitor.problems).toEqual([])
  })
})
