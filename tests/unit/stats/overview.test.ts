import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { keyCreateSchema } from '#shared/schemas/key'
import type { ClosedRequest } from '#shared/types/log'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { closedRequest } from '../../helpers/requests'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const zone = 'Asia/Shanghai'
/** 20:00 in Shanghai. */
const NOW = Date.UTC(2026, 0, 5, 12)

let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor
let key: string
let pooled: string

beforeAll(async () => {
  domain = await openDomain({ TZ: zone })
  admin = await domain.addUser({ username: 'root', role: 'admin' })
  ann = await domain.addUser({ username: 'ann', sharedPool: true })
  ben = await domain.addUser({ username: 'ben' })
  key = (await domain.services.keys.create(ann, keyCreateSchema.parse({ name: 'laptop' }))).id
  pooled = (await domain.services.accounts.create(admin, accountCreateSchema.parse({ name: 'pool', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'secret' } }))).id
  const row = (id: string, some: Partial<ClosedRequest>) => closedRequest(id, { userId: ann.id, apiKeyId: key, accountId: pooled, sessionId: null, createdAt: NOW - HOUR, costNano: 1_000_000_000, ...some })
  await domain.repos.ledger.book({ file: 'f', from: 0, to: 1, at: NOW, timeZone: zone, rows: [
    row('today', {}),
    row('failed today', { outcome: 'upstream_error' }),
    row('same time yesterday', { createdAt: NOW - DAY - HOUR, costNano: 5 }),
    row('later yesterday', { createdAt: NOW - DAY + 2 * HOUR, costNano: 7 }),
    row('the month before', { createdAt: NOW - 35 * DAY, costNano: 11 }),
    row('long ago', { createdAt: NOW - 400 * DAY, costNano: 13 }),
    row('of ben', { userId: ben.id, apiKeyId: 'gone', accountId: null, model: 'claude-opus-4-8' }),
  ] })
})
afterAll(() => domain.close())

describe('the overview', () => {
  it('adds up all time, today, and yesterday up to the same hour', async () => {
    const found = await domain.services.overview(ann)
    expect(found.total).toMatchObject({ requests: 6, costNano: 2_000_000_036 })
    expect(found.today).toMatchObject({ requests: 2, errors: 1 })
    expect(found.yesterday).toMatchObject({ requests: 1, costNano: 5 })
    expect(found.trend).toHaveLength(30)
    expect(found.trend.slice(-2).map(({ requests }) => requests)).toEqual([2, 2])
  })

  it('ranks with what each came to in the 30 days before', async () => {
    const { keys, accounts } = await domain.services.overview(admin)
    expect(keys[0]).toMatchObject({ id: key, name: 'laptop', requests: 4, previous: { requests: 1, costNano: 11 } })
    expect(accounts).toMatchObject([{ id: pooled, name: 'pool', previous: { requests: 1 } }])
  })

  it('is of one\'s own things: of an account of somebody else there is no name, no state and no window', async () => {
    domain.pool.get(pooled)!.windows = { at: NOW, windows: [{ id: '5h', used: 0.5, resetsAt: NOW + HOUR, status: null }, { id: '7d', used: 0.9, resetsAt: NOW - 1, status: null }, { id: '7d_opus', used: 0.7, resetsAt: NOW + HOUR, status: null }] }
    const own = await domain.services.overview(ann)
    expect(own).toMatchObject({ counts: { users: null, keys: { total: 1, enabled: 1 }, accounts: { total: 0 } }, running: 1, windows: [], accounts: [{ id: pooled, name: null }] })
    expect(Object.values(own.states).every(count => count === 0)).toBe(true)
    const all = await domain.services.overview(admin)
    expect(all).toMatchObject({ counts: { users: 3, accounts: { total: 1, enabled: 1 } }, running: 3, states: { normal: 1 }, models: { items: [{ id: 'claude-sonnet-5-5' }, { id: 'claude-opus-4-8' }] } })
    expect(all.windows.map(({ window }) => window.id)).toEqual(['7d_opus', '5h'])
    expect(all.total.requests).toBe(7)
    expect((await domain.services.overview(ben)).total.requests).toBe(1)
  })

  it('ticks the first steps as they are done', async () => {
    const carl = await domain.addUser({ username: 'carl', sharedPool: true })
    const steps = async () => Object.entries((await domain.services.overview(carl)).steps).filter(([, done]) => done).map(([name]) => name)
    expect(await steps()).toEqual([])
    const { id } = await domain.services.keys.create(carl, keyCreateSchema.parse({ name: 'k' }))
    expect(await steps()).toEqual(['key'])
    await domain.repos.apiKeys.touch([id], NOW)
    expect(await steps()).toEqual(['key', 'settings'])
    await domain.repos.ledger.book({ file: 'c', from: 0, to: 1, at: NOW, timeZone: zone, rows: [closedRequest('refused', { userId: carl.id, apiKeyId: id, outcome: 'refused' })] })
    expect(await steps()).toEqual(['key', 'settings'])
    await domain.repos.ledger.book({ file: 'c', from: 1, to: 2, at: NOW, timeZone: zone, rows: [closedRequest('answered', { userId: carl.id, apiKeyId: id })] })
    expect(await steps()).toEqual(['test', 'key', 'settings', 'request'])
  })
})
