import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { keyCreateSchema } from '#shared/schemas/key'
import { statsBreakdownSchema, statsSummarySchema, statsTrendSchema } from '#shared/schemas/stats'
import type { ClosedRequest } from '#shared/types/log'
import { previousOf, rangeOf } from '#server/stats/range'
import { stepsOf } from '#server/stats/steps'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { closedRequest } from '../../helpers/requests'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const zone = 'Asia/Shanghai'
/** 20:00 in Shanghai. */
const NOW = Date.UTC(2026, 0, 5, 12)

let domain: Domain
let ann: Actor
let ben: Actor
let admin: Actor
let account = ''
let key = ''

beforeAll(async () => {
  domain = await openDomain({ TZ: zone })
  admin = await domain.addUser({ username: 'root', role: 'admin' })
  ann = await domain.addUser({ username: 'ann', sharedPool: true })
  ben = await domain.addUser({ username: 'ben' })
  key = (await domain.services.keys.create(ann, keyCreateSchema.parse({ name: 'laptop' }))).id
  const made = await domain.services.accounts.create(admin, accountCreateSchema.parse({
    name: 'pool', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'secret' },
  }))
  account = made.id
  const row = (id: string, some: Partial<ClosedRequest>) => closedRequest(id, {
    userId: ann.id, apiKeyId: key, accountId: account, sessionId: 's1', createdAt: NOW - HOUR, startedAt: NOW - HOUR - 50, costNano: 1_000_000_000, billedNano: 500_000_000, ...some,
  })
  const rows = [
    row('a', {}),
    row('b', { outcome: 'upstream_error', ttfbMs: null, durationMs: 150, agentId: 'agent1', model: 'claude-opus-4-8' }),
    row('c', { createdAt: Date.UTC(2026, 0, 4, 15, 59), costNano: 3_000_000_000 }),
    row('d', { createdAt: Date.UTC(2026, 0, 4, 16, 0), sessionId: 's2' }),
    row('e', { createdAt: NOW - 7 * DAY - HOUR, costNano: 7 }),
    row('f', { userId: ben.id, apiKeyId: 'gone', accountId: null, model: null, sessionId: null, costNano: 9_000_000_000_000_000, billedNano: 9_000_000_000_000_000 }),
    row('g', { userId: ben.id, apiKeyId: 'gone', accountId: null, model: 'claude-opus-4-8', sessionId: null, costNano: 9_000_000_000_000_001, billedNano: 0 }),
  ]
  await domain.repos.ledger.book({ file: 'f', from: 0, to: 1, at: NOW, timeZone: zone, rows: rows.slice(0, -1) })
  await domain.repos.ledger.book({ file: 'g', from: 0, to: 1, at: NOW, timeZone: zone, rows: rows.slice(-1) })
  await domain.services.keys.remove(ann, key)
})
afterAll(() => domain.close())

const summary = (actor: Actor, query: Record<string, string> = {}) => domain.services.statistics.summary(actor, statsSummarySchema.parse(query))
const trend = (actor: Actor, query: Record<string, string> = {}) => domain.services.statistics.trend(actor, statsTrendSchema.parse(query))
const breakdown = (actor: Actor, query: Record<string, string> = {}) => domain.services.statistics.breakdown(actor, statsBreakdownSchema.parse(query))

describe('the summary', () => {
  it('adds up the last seven days, with the seven before, in the zone it names', async () => {
    const found = await summary(ann)
    expect(found).toMatchObject({ timeZone: zone, from: Date.UTC(2025, 11, 29, 16), to: NOW + HOUR })
    expect(found.current).toMatchObject({ requests: 4, errors: 1, inputTokens: 40, outputTokens: 20, totalTokens: 60, costUsd: '6', costNano: 6_000_000_000, billedUsd: '2', averageTtfbMs: 20, averageDurationMs: 75 })
    expect(found.current.costParts.input).toEqual({ nano: 80_000, usd: '0.00008' })
    expect(found.previous).toMatchObject({ requests: 1, costNano: 7, from: found.from - 7 * DAY, to: found.to - 7 * DAY })
  })

  it('counts as many days back as are asked for', async () => {
    expect(await summary(ann, { days: '1' })).toMatchObject({ from: Date.UTC(2026, 0, 4, 16), current: { requests: 3 }, previous: { requests: 0 } })
    expect((await summary(ann, { days: '30' })).current.requests).toBe(5)
    expect(await summary(ann, { days: '2', to: '2026-01-04' })).toMatchObject({ from: Date.UTC(2026, 0, 2, 16), current: { requests: 1 } })
    expect(statsSummarySchema.safeParse({ days: '0' }).success).toBe(false)
  })

  it('is one\'s own, an admin\'s is everybody\'s or somebody\'s', async () => {
    expect((await summary(ben)).current.requests).toBe(2)
    expect((await summary(admin)).current.requests).toBe(6)
    expect((await summary(admin, { userId: ann.id })).current.requests).toBe(4)
    await expect(summary(ben, { userId: ann.id })).rejects.toMatchObject({ code: 'forbidden' })
    expect((await summary(ben, { keyId: key })).current.requests).toBe(0)
  })

  it('money past the safe integers is exact', async () => {
    expect((await summary(ben)).current).toMatchObject({ costNano: '18000000000000001', costUsd: '18000000.000000001', billedNano: 9_000_000_000_000_000 })
  })

  it('filters meet, from hours and from days alike', async () => {
    const queries: Record<string, string>[] = [{ keyId: key }, { accountId: account }, { keyId: key, accountId: account, userId: ann.id }, { accountId: account, from: '2025-12-30', to: '2026-01-05' }]
    for (const query of queries) {
      expect((await summary(admin, query)).current).toMatchObject({ requests: 4, costUsd: '6' })
    }
    expect((await summary(admin, { model: 'claude-opus-4-8' })).current.requests).toBe(2)
    expect((await summary(admin, { from: String(NOW - HOUR), to: String(NOW) })).current.requests).toBe(4)
    expect((await summary(ann, { from: '2026-01-04', to: '2026-01-04' })).current).toMatchObject({ requests: 1, costUsd: '3' })
  })

  it.each([
    [{ from: 'yesterday' }, 'from'], [{ from: '2026-02-30' }, 'from'], [{ colour: 'red' }, 'colour'], [{ keyId: '../x' }, 'keyId'],
  ])('%j is refused by its name', (query, path) => {
    expect(statsSummarySchema.safeParse(query).error?.issues.some(issue => issue.path.join() === path || ('keys' in issue && issue.keys.includes(path)))).toBe(true)
  })

  it('a range that is reversed or too long is refused', async () => {
    await expect(summary(ann, { from: '2026-01-05', to: '2026-01-04' })).rejects.toMatchObject({ code: 'validation' })
    await expect(summary(ann, { from: '2010-01-05' })).rejects.toMatchObject({ code: 'validation' })
    await expect(summary(ann, { from: '2024-01-05', keyId: 'k' })).rejects.toMatchObject({ code: 'validation' })
    await expect(trend(ann, { from: '2025-11-05', by: 'hour' })).rejects.toMatchObject({ code: 'validation' })
  })
})

describe('the trend', () => {
  it('has every day, the empty ones too, and midnight is that of the zone', async () => {
    const { items } = await trend(ann)
    expect(items.map(item => [item.label, item.requests])).toEqual([
      ['2025-12-30', 0], ['2025-12-31', 0], ['2026-01-01', 0], ['2026-01-02', 0], ['2026-01-03', 0], ['2026-01-04', 1], ['2026-01-05', 3],
    ])
    expect(items[6]).toMatchObject({ at: Date.UTC(2026, 0, 4, 16), costUsd: '3' })
  })

  it('by hour and by month', async () => {
    const hours = await trend(ann, { by: 'hour', from: '2026-01-05', to: '2026-01-05' })
    expect(hours.items).toHaveLength(24)
    expect(hours.items.filter(item => item.requests > 0).map(item => [item.label, item.requests])).toEqual([['2026-01-05 00:00', 1], ['2026-01-05 19:00', 2]])
    expect((await trend(ann, { by: 'month', from: '2025-12-01' })).items.map(item => [item.label, item.requests])).toEqual([['2025-12', 1], ['2026-01', 4]])
    expect((await trend(ann, { by: 'month', from: '2025-12-01', model: 'claude-opus-4-8' })).items.map(item => item.requests)).toEqual([0, 1])
  })
})

describe('the breakdown', () => {
  it('sorts, cuts, and says what the others come to', async () => {
    const found = await breakdown(admin, { by: 'key', limit: '1' })
    expect(found.items).toMatchObject([{ id: 'gone', name: null, requests: 2 }])
    expect(found.others).toMatchObject({ count: 1, requests: 4, costUsd: '6' })
    expect(found.total).toMatchObject({ requests: 6 })
    expect((await breakdown(admin, { by: 'key', limit: '1', sort: 'requests' })).items[0]?.requests).toBe(4)
    expect((await breakdown(admin, { by: 'key' })).others).toBeNull()
  })

  it('by model, user, session and agent', async () => {
    expect((await breakdown(ann, { by: 'model' })).items.map(item => [item.name, item.requests])).toEqual([['claude-sonnet-5-5', 3], ['claude-opus-4-8', 1]])
    expect((await breakdown(admin, { by: 'user' })).items.map(item => [item.name, item.requests])).toEqual([['ben', 2], ['ann', 4]])
    const sessions = await breakdown(ann, { by: 'session' })
    expect(sessions.items.map(item => [item.id, item.requests])).toEqual([['s1', 4], ['s2', 1]])
    const agents = await breakdown(ann, { by: 'agent', sessionId: 's1', keyId: key })
    expect(agents.items.map(item => [item.session?.agentId, item.session?.keyName, item.requests])).toEqual([['', 'laptop', 3], ['agent1', 'laptop', 1]])
    expect(statsBreakdownSchema.safeParse({ by: 'model', sessionId: 's1' }).success).toBe(false)
    expect(statsBreakdownSchema.safeParse({ by: 'session', model: 'm' }).success).toBe(false)
  })

  it('names what was deleted; an account is named to its owner and admins only', async () => {
    expect((await breakdown(ann, { by: 'key' })).items).toMatchObject([{ id: key, name: 'laptop', deleted: true }])
    expect((await breakdown(ann, { by: 'account' })).items).toMatchObject([{ id: account, name: null }])
    expect((await breakdown(admin, { by: 'account', userId: ann.id })).items).toMatchObject([{ id: account, name: 'pool', deleted: false }])
  })
})

describe('ranges over summer time', () => {
  it('as many local days before, though one of them is an hour shorter', () => {
    const range = rangeOf({ from: '2026-03-09', to: '2026-03-10' }, NOW, 'America/New_York')
    expect(range.to - range.from).toBe(2 * DAY)
    const before = previousOf(range, NOW, 'America/New_York')
    expect(before.days).toEqual({ from: '2026-03-07', to: '2026-03-08' })
    expect(before.to - before.from).toBe(2 * DAY - HOUR)
  })

  it('the hour that comes twice has two steps, the one that is skipped none', () => {
    const labels = (day: string) => stepsOf('hour', rangeOf({ from: day, to: day }, NOW, 'America/New_York'), 'America/New_York').map(step => step.label)
    expect(labels('2026-11-01')).toHaveLength(25)
    expect(new Set(labels('2026-11-01')).size).toBe(25)
    expect(labels('2026-03-08')).toHaveLength(23)
  })

  it('days that begin at half past are whole days', () => {
    const range = rangeOf({ from: '2026-01-03', to: '2026-01-03' }, NOW, 'Asia/Kolkata')
    expect(range).toMatchObject({ from: Date.UTC(2026, 0, 2, 18, 30), days: { from: '2026-01-03', to: '2026-01-03' } })
    expect(stepsOf('hour', range, 'Asia/Kolkata')).toHaveLength(24)
  })
})

describe('compared with the time before', () => {
  it('a trend has as many steps of it, and only when asked', async () => {
    const found = await trend(ann, { days: '7', compare: 'true' })
    expect(found.previous).toHaveLength(found.items.length)
    expect(found.previous!.map(({ requests }) => requests)).toEqual([0, 0, 0, 0, 0, 0, 1])
    expect((await trend(ann, { days: '7' })).previous).toBeUndefined()
  })

  it('a breakdown of the last days is read from the days, like one of the same dates', async () => {
    const byDays = await breakdown(admin, { by: 'user', days: '7' })
    expect(byDays).toEqual(await breakdown(admin, { by: 'user', from: '2025-12-30' }))
  })
})
