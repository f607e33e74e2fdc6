import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { logListSchema } from '#shared/schemas/log'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

const DAY = 24 * 3_600_000
let domain: Domain
let admin: Actor
let ann: Actor
let shared: string
let own: string

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  const account = { name: 'an account', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'x' } }
  const group = await domain.services.groups.create(ann, { name: 'g', enabled: true, multiplierBp: 10_000, priceBy: 'asked' })
  shared = (await domain.services.accounts.create(admin, accountCreateSchema.parse(account))).id
  own = (await domain.services.accounts.create(ann, accountCreateSchema.parse({ ...account, groupId: group.id }))).id
  await addRow('req_old', { createdAt: domain.time.now - 40 * DAY })
  await addRow('req_ann', { userId: ann.id, accountId: own, costNano: 1_500_000_000, costParts: JSON.stringify({ input: 1, output: 2, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 }) })
  await addRow('req_ann_shared', { userId: ann.id, upstreamRequestId: 'req_upstream_1' })
})
afterAll(() => domain.close())

async function addRow(requestId: string, given: Record<string, unknown> = {}): Promise<void> {
  const { logs } = domain.store.tables
  const accountId = String(given.accountId ?? shared)
  await domain.store.db.insert(logs).values({
    requestId, createdAt: domain.time.now - 1000, startedAt: 0, userId: admin.id, apiKeyId: 'a-key', accountId, accountName: 'an account', model: 'a-model',
    stream: true, status: 200, outcome: 'ok', usageComplete: true, priced: true, durationMs: 5,
    attempts: JSON.stringify([{ accountId, accountName: 'an account', verdict: 'deliver', status: 200, ms: 5, reason: null }]), ...given,
  })
}

const list = (actor: Actor, query: Record<string, string> = {}) => domain.services.logs.list(actor, logListSchema.parse(query))
const ids = async (actor: Actor, query: Record<string, string> = {}) => (await list(actor, query)).items.map(row => row.requestId).sort()

test('a user sees own rows only, an admin all or one user\'s', async () => {
  expect(await ids(ann)).toEqual(['req_ann', 'req_ann_shared'])
  expect(await ids(admin)).toEqual(['req_ann', 'req_ann_shared', 'req_old'])
  expect(await ids(admin, { userId: ann.id })).toEqual(['req_ann', 'req_ann_shared'])
  expect(await ids(ann, { userId: admin.id })).toEqual([])
  await expect(domain.services.logs.get(ann, 'req_old')).rejects.toMatchObject({ code: 'not_found' })
  expect((await domain.services.logs.get(admin, 'req_old')).requestId).toBe('req_old')
})

test('a user reads the names of own accounts only', async () => {
  const rows = new Map((await list(ann)).items.map(row => [row.requestId, row]))
  expect(rows.get('req_ann')).toMatchObject({ accountName: 'an account', attempts: [{ accountName: 'an account' }] })
  expect(rows.get('req_ann_shared')).toMatchObject({ accountId: shared, accountName: null, attempts: [{ accountName: '' }] })
})

test('a row has exact money, the key under its name, and parsed parts', async () => {
  expect(await domain.services.logs.get(ann, 'req_ann')).toMatchObject({ keyId: 'a-key', costNano: 1_500_000_000, costUsd: '1.5', billedUsd: '0', costParts: { output: 2 } })
})

test('either request id finds the row', async () => {
  expect(await ids(ann, { requestId: 'req_upstream_1' })).toEqual(['req_ann_shared'])
  expect((await domain.services.logs.get(ann, 'req_upstream_1')).requestId).toBe('req_ann_shared')
})

test('a filtered list covers its last 31 days and refuses more; time and ids alone are free', async () => {
  expect(await ids(admin, { model: 'a-model' })).toEqual(['req_ann', 'req_ann_shared'])
  expect(await ids(admin, { model: 'a-model', to: String(domain.time.now - 20 * DAY) })).toEqual(['req_old'])
  const from = String(domain.time.now - 32 * DAY)
  await expect(list(admin, { model: 'a-model', from })).rejects.toMatchObject({ code: 'validation', options: { details: [{ path: 'from', key: 'errors.rangeTooLong', params: { max: 31 } }] } })
  expect(await ids(admin, { from: '0' })).toContain('req_old')
  expect(await ids(admin, { requestId: 'req_old' })).toEqual(['req_old'])
})

test('a cursor of another list is refused', async () => {
  await expect(list(admin, { cursor: 'abc' })).rejects.toMatchObject({ options: { details: [{ path: 'cursor' }] } })
})

test('a range of costs is found within 31 days, both ends included', async () => {
  expect(await ids(ann, { minCostUsd: '1.5' })).toEqual(['req_ann'])
  expect(await ids(ann, { maxCostUsd: '1.5', minCostUsd: '1.5' })).toEqual(['req_ann'])
  expect(await ids(ann, { minCostUsd: '1.500000001' })).toEqual([])
  expect(await ids(ann, { maxCostUsd: '1.49' })).toEqual(['req_ann_shared'])
  expect(await ids(admin, { maxCostUsd: '0' })).toEqual(['req_ann_shared'])
  await expect(list(admin, { minCostUsd: '1', from: '0' })).rejects.toMatchObject({ code: 'validation' })
  expect(logListSchema.safeParse({ minCostUsd: '2', maxCostUsd: '1' }).error?.issues).toMatchObject([{ path: ['maxCostUsd'], message: 'errors.amountsReversed' }])
  expect(logListSchema.safeParse({ minCostUsd: '-1' }).success).toBe(false)
})
