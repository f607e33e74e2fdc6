import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AccountView, GroupView, KeyView, ListOf } from '#shared/types/api'
import { graveFaults, looks, openBrowser, signIn, visit, type Visit } from '../helpers/browser'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { poll } from '../helpers/until'

describeWith(['chromium'], 'group pages', () => {
  let relay: Relay
  let browser: Browser
  let visitor: Visit

  beforeAll(async () => {
    relay = await startRelay()
    browser = await openBrowser()
    visitor = await visit(browser, relay.server, looks[1]!)
    await signIn(visitor, relay.server)
  })
  afterAll(async () => {
    await visitor?.close()
    await browser?.close()
    await relay?.close()
  })

  const group = async (name: string) => await relay.api.ok<GroupView>('POST', '/api/groups', { name })
  const account = async (id: string) => await relay.api.ok<AccountView>('GET', `/api/accounts/${id}`)
  const key = async (id: string) => await relay.api.ok<KeyView>('GET', `/api/keys/${id}`)
  const untilGone = async (id: string) => await poll(async () => (await relay.api.call('GET', `/api/groups/${id}`)).status === 404 || undefined, 'the group to be gone')
  const dialog = () => visitor.page.locator('[role="dialog"], [role="alertdialog"]').last()

  it('is created with a multiplier, and its fields are checked before they are sent', async () => {
    const { page } = visitor
    await visitor.open('/groups')
    await page.getByRole('button', { name: 'New group' }).first().click()
    await dialog().getByRole('button', { name: 'Save' }).click()
    expect(await dialog().locator('[aria-invalid="true"]').count()).toBeGreaterThan(0)
    await dialog().getByLabel('Name').fill('Night shift')
    await dialog().getByLabel('Remark').fill('after ten')
    await dialog().getByText('More settings').click()
    await dialog().getByLabel('Multiplier').fill('1.5')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByText('Night shift').first().waitFor()
    const { items } = await relay.api.ok<ListOf<GroupView>>('GET', '/api/groups?q=night')
    expect(items).toMatchObject([{ name: 'Night shift', remark: 'after ten', multiplierBp: 15_000 }])
  })

  it('takes members in and lets them go elsewhere', async () => {
    const [here, there] = [await group('Here'), await group('There')]
    const { id } = await relay.api.addAccount({ name: 'the mover', baseUrl: relay.upstream.url })
    const made = await relay.api.addKey({ name: 'the key', groupId: here.id })
    await visitor.open('/groups?q=Here')
    await visitor.page.getByRole('button', { name: 'Members: Here' }).click()
    await dialog().getByLabel('Put an account in').selectOption(id)
    await dialog().getByRole('button', { name: 'Put in' }).first().click()
    await poll(async () => (await account(id)).groupId === here.id || undefined, 'the account to be in the group')
    await dialog().getByText('Accounts (1)').waitFor()
    expect(await graveFaults(visitor.page)).toEqual([])
    const keys = dialog().locator('section').last()
    await keys.getByLabel('the key').check()
    await keys.getByLabel('Move the chosen ones to').selectOption(there.id)
    await keys.getByRole('button', { name: 'Move 1' }).click()
    await poll(async () => (await key(made.id)).groupId === there.id || undefined, 'the key to be elsewhere')
    await dialog().getByText('Keys (0)').waitFor()
  })

  it('goes only with what becomes of its members', async () => {
    const [going, staying] = [await group('Going'), await group('Staying')]
    const { id } = await relay.api.addAccount({ name: 'left', baseUrl: relay.upstream.url, groupId: going.id })
    const made = await relay.api.addKey({ name: 'taken along', groupId: going.id })
    await visitor.open('/groups?q=Going')
    await visitor.page.getByRole('button', { name: 'Delete: Going' }).click()
    await dialog().getByLabel('Keys it holds: 1').selectOption(staying.id)
    expect(await graveFaults(visitor.page)).toEqual([])
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
    await untilGone(going.id)
    expect(await account(id)).toMatchObject({ enabled: false, groupId: going.id })
    expect(await key(made.id)).toMatchObject({ enabled: true, groupId: staying.id })
  })

  it('and whoever looks at the audit log sees what was done, field by field', async () => {
    await visitor.open('/admin/audit?q=Staying&action=group.create')
    await visitor.page.getByRole('button', { name: /Details/ }).first().click()
    const text = await dialog().textContent()
    expect(text).toContain('Staying')
    expect(text).toContain('multiplierBp')
    expect(await graveFaults(visitor.page)).toEqual([])
  })

  it('the API reference finds a call and opens what a link names', async () => {
    const { page } = visitor
    await visitor.open('/api-reference#postGroups')
    await poll(async () => await page.locator('#postGroups').getAttribute('open') !== null || undefined, 'the call to be open')
    await page.getByLabel('Search calls').fill('rotate')
    await poll(async () => await page.locator('details.call').count() === 1 || undefined, 'one call to be left')
    expect(await page.locator('details.call').textContent()).toContain('/api/keys/{id}/rotate')
    expect(await graveFaults(page)).toEqual([])
  })
})
