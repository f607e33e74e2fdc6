import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountCreateSchema, accountListSchema, accountPatchSchema } from '#shared/schemas/account'
import { openCredentials, openProxyUrl } from '#server/accounts/secrets'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

const secret = 'upstream-secret-ab12'
let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor
let annsGroup: string

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  ben = await domain.addUser({ username: 'ben' })
  annsGroup = (await domain.services.groups.create(ann, { name: 'g', enabled: true, multiplierBp: 10_000, priceBy: 'asked' })).id
})
afterAll(() => domain.close())

const accounts = () => domain.services.accounts
const body = (given: Record<string, unknown> = {}) => ({ name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com/', credentials: { apiKey: secret }, ...given })
const create = (actor: Actor, given: Record<string, unknown> = {}) => accounts().create(actor, accountCreateSchema.parse(body(given)))
const update = (actor: Actor, id: string, given: Record<string, unknown>) => accounts().update(actor, id, accountPatchSchema.parse(given))
const row = async (id: string) => (await domain.repos.accounts.get(id))!
const problems = (path: string, key: string) => ({ code: 'validation', options: { details: [expect.objectContaining({ path, key }) as object] } })

describe('secrets', () => {
  test('are sealed in the database and never in a view or the audit log', async () => {
    const made = await create(admin, { proxyUrl: 'socks5://user:proxy-pass@proxy.example.com:1080' })
    await update(admin, made.id, { credentials: { apiKey: 'another-upstream-secret-cd34' } })
    const views = [made, await accounts().get(admin, made.id), await accounts().list(admin, accountListSchema.parse({}))]
    for (const text of [JSON.stringify(views), await domain.dump()]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain('another-upstream-secret')
      expect(text).not.toContain('proxy-pass')
    }
    expect(made).toMatchObject({ credentialsHint: 'ab12', proxyHint: 'socks5://proxy.example.com:1080' })
    expect((await accounts().get(admin, made.id)).credentialsHint).toBe('cd34')
  })

  test('open again for their own account only', async () => {
    const [one, two] = [await create(admin, { proxyUrl: 'http://u:p@proxy.example.com' }), await create(admin)]
    const stored = await row(one.id)
    expect(openCredentials(domain.sealer, stored)).toEqual({ apiKey: secret })
    expect(openProxyUrl(domain.sealer, stored)).toBe('http://u:p@proxy.example.com')
    expect(() => openCredentials(domain.sealer, { ...stored, id: two.id })).toThrow()
  })

  test('too short to hint at are not hinted at', async () => {
    expect((await create(admin, { credentials: { apiKey: 'short' } })).credentialsHint).toBeNull()
  })

  test('are wiped when the account is deleted', async () => {
    const { id } = await create(admin)
    await accounts().remove(admin, id)
    const { accounts: table } = domain.store.tables
    const stored = (await domain.store.db.select().from(table)).find(each => each.id === id)
    expect(stored).toMatchObject({ credentials: '', proxyUrl: null, enabled: false })
    expect(stored!.deletedAt).toBe(domain.time.now)
  })
})

describe('the pool', () => {
  test('shared is filled by admins only', async () => {
    expect((await create(admin)).groupId).toBeNull()
    await expect(create(ann)).rejects.toMatchObject({ code: 'forbidden', options: { details: [{ path: 'groupId', key: 'errors.groupRequired' }] } })
    const { id } = await create(ann, { groupId: annsGroup })
    await expect(update(ann, id, { groupId: null })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('of somebody else takes no account, not even an admin\'s', async () => {
    for (const actor of [ben, admin]) {
      await expect(create(actor, { groupId: annsGroup })).rejects.toMatchObject(problems('groupId', 'errors.groupUnknown'))
    }
    await expect(create(ann, { groupId: 'no-such-group' })).rejects.toMatchObject(problems('groupId', 'errors.groupUnknown'))
  })

  test('another owner\'s account is not found', async () => {
    const { id } = await create(ann, { groupId: annsGroup })
    for (const call of [accounts().get(ben, id), update(ben, id, { name: 'x' }), accounts().remove(ben, id), accounts().resetState(ben, id), accounts().require(ben, id)]) {
      await expect(call).rejects.toMatchObject({ code: 'not_found' })
    }
    expect((await accounts().list(ben, accountListSchema.parse({}))).items).toEqual([])
    expect((await accounts().get(admin, id)).ownerName).toBe('ann')
  })

  test('can be listed by group and as the shared one', async () => {
    const shared = await accounts().list(admin, accountListSchema.parse({ groupId: 'shared' }))
    expect(shared.items.length).toBeGreaterThan(0)
    expect(shared.items.every(account => account.groupId === null)).toBe(true)
    const group = await accounts().list(admin, accountListSchema.parse({ groupId: annsGroup }))
    expect(group.items.every(account => account.groupName === 'g')).toBe(true)
  })
})

describe('what is entered', () => {
  test('an unknown platform is refused with the names of the known ones', async () => {
    await expect(create(admin, { platform: 'toString' })).rejects.toMatchObject({ ...problems('platform', 'errors.platform'), message: expect.stringContaining('claude_console') as string })
  })

  test.each([
    [{}, 'credentials.apiKey'],
    [{ apiKey: '' }, 'credentials.apiKey'],
    [{ apiKey: secret, more: 1 }, 'credentials.more'],
  ])('credentials %j are refused at %s', async (credentials, path) => {
    await expect(create(admin, { credentials })).rejects.toMatchObject({ code: 'validation', options: { details: [expect.objectContaining({ path }) as object] } })
  })

  test('a platform without an address of its own needs one', async () => {
    await expect(create(admin, { baseUrl: null })).rejects.toMatchObject(problems('baseUrl', 'errors.required'))
    const { id } = await create(admin)
    await expect(update(admin, id, { baseUrl: null })).rejects.toMatchObject(problems('baseUrl', 'errors.required'))
  })

  test.each(['http://127.0.0.1', 'http://0x7f.1/x', 'http://[::1]:80', 'http://[::ffff:10.0.0.1]', 'http://10.1.2.3', 'http://169.254.169.254', 'http://localhost:3000', 'http://redis:6379', 'http://db.internal', 'http://100.64.0.1'])(
    'users may not point at %s, admins may',
    async (baseUrl) => {
      await expect(create(ann, { groupId: annsGroup, baseUrl })).rejects.toMatchObject(problems('baseUrl', 'errors.urlPrivate'))
      await expect(create(ann, { groupId: annsGroup, proxyUrl: baseUrl })).rejects.toMatchObject(problems('proxyUrl', 'errors.urlPrivate'))
      expect((await create(admin, { baseUrl })).baseUrl).toBe(baseUrl)
    },
  )

  test('a user\'s socks proxy may not be private either', async () => {
    await expect(create(ann, { groupId: annsGroup, proxyUrl: 'socks5://0x7f.1:1080' })).rejects.toMatchObject(problems('proxyUrl', 'errors.urlPrivate'))
  })

  test('absent fields stay, null ones go back to their default', async () => {
    const { id } = await create(admin, { priority: 5, weight: 7, maxConcurrency: 3, models: ['m-*'], modelMap: { a: 'b' }, proxyUrl: 'http://proxy.example.com' })
    expect(await update(admin, id, { name: 'renamed' })).toMatchObject({ name: 'renamed', priority: 5, weight: 7, maxConcurrency: 3, models: ['m-*'], modelMap: { a: 'b' }, proxyHint: 'http://proxy.example.com' })
    const cleared = await update(admin, id, { priority: null, weight: null, maxConcurrency: null, models: null, modelMap: null, proxyUrl: null })
    expect(cleared).toMatchObject({ priority: 100, weight: 100, maxConcurrency: 0, models: [], modelMap: {}, proxyHint: null })
    expect((await row(id)).proxyUrl).toBeNull()
  })
})

describe('the state', () => {
  const broken = { stateName: 'abnormal' as const, stateReason: 'auth', stateEvidence: '401', stateFailures: 4, stateUntil: 99, stateNextProbe: 99 }

  test('is reset by hand, with a line in the account\'s history', async () => {
    const { id } = await create(admin)
    await domain.repos.accounts.update(id, broken)
    expect((await accounts().resetState(admin, id)).state).toEqual({ name: 'normal', reason: null, evidence: null, since: domain.time.now, until: null, nextProbe: null, modelLimits: {} })
    expect((await row(id)).stateFailures).toBe(0)
    expect(await domain.repos.accountEvents.list(id, 5)).toMatchObject([{ fromState: 'abnormal', toState: 'normal', byUserId: admin.id, reason: 'by_hand' }])
  })

  test('new credentials give a fresh start', async () => {
    const { id } = await create(admin)
    await domain.repos.accounts.update(id, broken)
    expect((await update(admin, id, { name: 'still broken' })).state.name).toBe('abnormal')
    expect((await update(admin, id, { credentials: { apiKey: secret } })).state.name).toBe('normal')
    expect((await row(id)).tokenGeneration).toBe(1)
    expect(await domain.repos.accountEvents.list(id, 5)).toMatchObject([{ fromState: 'abnormal', toState: 'normal', byUserId: admin.id, reason: 'new_credentials' }])
  })

  test('disabling and enabling are in the history', async () => {
    const { id } = await create(admin)
    await update(admin, id, { enabled: false })
    await update(admin, id, { enabled: false })
    domain.time.now += 1
    await update(admin, id, { enabled: true })
    expect(await domain.repos.accountEvents.list(id, 5)).toMatchObject([{ fromState: 'disabled', toState: 'normal' }, { fromState: 'normal', toState: 'disabled' }])
  })

  test('every write is announced', async () => {
    domain.emitted.length = 0
    const { id } = await create(admin)
    await update(admin, id, { enabled: false })
    await accounts().resetState(admin, id)
    await accounts().remove(admin, id)
    expect(domain.emitted).toEqual(Array.from({ length: 4 }, () => ['account', id]))
  })
})
