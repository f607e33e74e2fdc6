import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createRepos } from '#server/db/repos/index'
import { sumKeys } from '#server/billing/rollups'
import { prune } from '#server/stats/retention'
import { verifyRollUps } from '#server/stats/verify'
import type { ClosedRequest } from '#shared/types/log'
import { LedgerBench, NOON, silent, timeZone } from '../helpers/ledger-bench'
import { closedRequest } from '../helpers/requests'
import { testDialects } from '../helpers/store'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const clock = { now: () => NOON + 2 * DAY }
const rest = async () => undefined
const { signal } = new AbortController()
const instances = { prune: async () => 0 }

describe.each(testDialects)('roll-ups that went wrong, on %s', (dialect) => {
  const bench = new LedgerBench(dialect)
  const repos = () => createRepos(bench.store)
  const verify = (given: { retainedFrom?: number, zone?: string } = {}) =>
    verifyRollUps({ repos: repos(), clock, timeZone: given.zone ?? timeZone, logger: silent, rest, signal, retainedFrom: () => given.retainedFrom ?? 0 })

  /** Rows over three days, two users, sessions with agents, some without key or account. */
  const rows = (count = 60): ClosedRequest[] => Array.from({ length: count }, (_, i) => closedRequest(`r${i}`, {
    createdAt: NOON - DAY + i * 67 * 60_000, startedAt: NOON - DAY + i * 67 * 60_000 - 900, inputTokens: i, ttfbMs: i % 5 ? i : null, outcome: i % 7 ? 'ok' : 'upstream_error',
    userId: `user${(i % 3) % 2}`, apiKeyId: i % 11 ? `key${i % 3}` : null, accountId: i % 4 ? `account${i % 4}` : null, groupId: i % 3 ? 'group1' : null,
    sessionId: i % 5 ? `s${i % 6}` : null, agentId: i % 2 ? 'agent' : null, model: i % 9 ? 'claude-sonnet-5-5' : null, costParts: i % 8 ? closedRequest('').costParts : null,
  }))

  async function book(list: ClosedRequest[], file = 'f'): Promise<void> {
    await bench.repo.book({ file, from: 0, to: 1, at: NOON, timeZone, rows: list })
  }

  it('are left alone when they are right', async () => {
    await book(rows())
    const found = await verify()
    expect(found).toMatchObject({ repaired: { hourly: 0, daily: 0, sessions: 0 }, requests: 0, costNano: 0 })
    expect(found.days).toBeGreaterThanOrEqual(4)
    await bench.expectInBalance()
  })

  it('are repaired: amounts, missing ones, ones without rows, costs by kind', async () => {
    await book(rows())
    const { usageHourly, usageDaily, usageSessions } = bench.tables
    await bench.store.db.update(usageHourly).set({ costNano: sql`${usageHourly.costNano} + 5`, requests: 9 }).where(eq(usageHourly.userId, 'user1'))
    await bench.store.db.delete(usageDaily).where(eq(usageDaily.scope, 'group'))
    await bench.store.db.update(usageDaily).set({ durationMsSum: 0, costInputNano: 0 }).where(eq(usageDaily.scope, 'key'))
    await bench.store.db.update(usageSessions).set({ outputTokens: 1 }).where(eq(usageSessions.sessionId, 's1'))
    await bench.store.db.delete(usageSessions).where(eq(usageSessions.sessionId, 's2'))
    await bench.store.db.update(usageSessions).set({ costInputNano: 0 }).where(eq(usageSessions.sessionId, 's3'))
    const ghost = Object.fromEntries(sumKeys.map(name => [name, 1]))
    await bench.store.db.insert(usageHourly).values({ hour: Math.floor(NOON / HOUR) * HOUR, userId: 'ghost', apiKeyId: '', accountId: '', model: '模型', ...ghost })
    await bench.store.db.insert(usageDaily).values({ scope: 'user', scopeId: 'ghost', day: '2026-11-22', ...ghost })
    await bench.store.db.insert(usageSessions).values({ apiKeyId: 'k', sessionId: 'ghost', agentId: '', userId: 'u', firstAt: NOON, lastAt: NOON, ...ghost })
    const found = await verify()
    expect(Object.values(found.repaired).every(count => count > 0)).toBe(true)
    await bench.expectInBalance()
    expect(await verify()).toMatchObject({ repaired: { hourly: 0, daily: 0, sessions: 0 } })
  })

  it('keep what pruned rows were, the hours, days and sessions that lost some', async () => {
    await book(rows())
    const { usageHourly, usageDaily, usageSessions } = bench.tables
    const all = async () => [await bench.store.db.select().from(usageHourly), await bench.store.db.select().from(usageDaily), await bench.store.db.select().from(usageSessions)].map(list => list.map(row => JSON.stringify(row)).sort())
    const before = await all()
    await prune({ repos: repos(), instances, signal, clock, rest, logsBefore: NOON + 20 * 60_000 })
    expect((await bench.rows()).length).toBeLessThan(60)
    expect((await bench.rows()).length).toBeGreaterThan(20)
    expect(await verify()).toMatchObject({ repaired: { hourly: 0, daily: 0, sessions: 0 } })
    expect(await all()).toEqual(before)
    const late = Math.floor(NOON / HOUR) * HOUR + 30 * HOUR
    await bench.store.db.update(usageHourly).set({ requests: 77 }).where(sql`${usageHourly.hour} >= ${late}`)
    expect((await verify()).repaired.hourly).toBeGreaterThan(0)
    expect(await all()).toEqual(before)
  })

  it('a removal of rows that comes between the look and the repair stops the repair', async () => {
    await book(rows(5))
    const { usageRepair } = repos()
    const seen = await usageRepair.standing(NOON)
    await usageRepair.removing(NOON, NOON)
    const daily = [{ scope: 'all' as const, scopeId: '', day: '2026-11-22', ...Object.fromEntries(sumKeys.map(name => [name, 1])) as Record<(typeof sumKeys)[number], number> }]
    expect(await usageRepair.book({ daily }, seen, NOON)).toBe(false)
    const now = await usageRepair.standing(NOON)
    expect(now.keptFrom).toBe(NOON)
    await usageRepair.removing(NOON - 1, NOON)
    expect((await usageRepair.standing(NOON)).keptFrom).toBe(NOON)
    expect(await usageRepair.book({ daily }, now, NOON)).toBe(true)
    expect(await usageRepair.book({ daily }, now, NOON)).toBe(false)
  })

  it('are repaired exactly while the ledger books late rows, corrections and replays beside it, by two at once', async () => {
    await book(rows())
    const { usageHourly, usageDaily, usageSessions } = bench.tables
    for (const table of [usageHourly, usageDaily, usageSessions]) await bench.store.db.update(table).set({ requests: sql`${table.requests} * 3`, costNano: 1, ttfbCount: 0 })
    let ended = false
    const booking = (async () => {
      for (let n = 0; n < 60 && !ended; n++) {
        const again = rows().filter((_, i) => i % 6 === n % 6).map(row => ({ ...row, outputTokens: n * 10 + 1, outcome: n % 2 ? 'ok' as const : 'truncated' as const, createdAt: row.createdAt + n * 60_000 }))
        await book([...again, closedRequest(`new${n}`, { createdAt: NOON - n * HOUR, startedAt: NOON - n * HOUR, sessionId: `s${n % 6}` })], `g${n}`)
      }
    })()
    const [first, second] = await Promise.all([verify(), verify()])
    ended = true
    await booking
    expect(first.repaired.hourly + second.repaired.hourly).toBeGreaterThan(0)
    await verify()
    await bench.expectInBalance()
    expect(await verify()).toMatchObject({ repaired: { hourly: 0, daily: 0, sessions: 0 } })
  }, 60_000)
})
