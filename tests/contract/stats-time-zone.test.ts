import { ne } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { rollUp } from '#server/billing/rollups'
import { createRepos, type Repos } from '#server/db/repos/index'
import { prune } from '#server/stats/retention'
import { followTimeZone } from '#server/stats/time-zone'
import { verifyRollUps } from '#server/stats/verify'
import { LedgerBench, NOON, silent, timeZone } from '../helpers/ledger-bench'
import { closedRequest } from '../helpers/requests'
import { testDialects } from '../helpers/store'

const DAY = 24 * 3_600_000
const clock = { now: () => NOON }
const rest = async () => undefined
const { signal } = new AbortController()
const instances = { prune: async () => 0 }

describe.each(testDialects)('another time zone, on %s', (dialect) => {
  const bench = new LedgerBench(dialect)
  const follow = (zone: string, repos: Pick<Repos, 'settings' | 'usageDays' | 'usageRepair'> = createRepos(bench.store)) =>
    followTimeZone({ repos, clock, logger: silent, timeZone: zone, retentionMonths: 3 })

  /** Every 37 minutes of 40 days, over the end of summer time in New York. */
  const rows = Array.from({ length: 1500 }, (_, i) => closedRequest(`r${i}`, {
    createdAt: NOON - i * 37 * 60_000, inputTokens: i, apiKeyId: `key${i % 2}`, accountId: i % 3 ? 'account1' : null, userId: i % 5 ? 'user1' : null,
  }))

  const counted = rows.map(row => ({ ...row, costParts: JSON.stringify(row.costParts) }))

  async function bookAll(): Promise<void> {
    await follow(timeZone)
    for (let at = 0; at < rows.length; at += 500) await bench.repo.book({ file: `f${at}`, from: 0, to: 1, at: NOON, timeZone, rows: rows.slice(at, at + 500) })
  }

  const daily = async (): Promise<Record<string, number>> => {
    const { usageDaily } = bench.tables
    const found = await bench.store.db.select().from(usageDaily).where(ne(usageDaily.requests, 0))
    return Object.fromEntries(found.filter(row => row.scope !== 'group').map(row => [`${row.scope} ${row.scopeId} ${row.day}`, row.inputTokens]).sort())
  }
  const expected = (zone: string) => Object.fromEntries(rollUp(counted, [], zone).daily.filter(row => row.scope !== 'group').map(row => [`${row.scope} ${row.scopeId} ${row.day}`, row.inputTokens]).sort())

  it.each(['Asia/Shanghai', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Marquesas'])('days become those of %s, also of zones off by half an hour', async (zone) => {
    await bookAll()
    expect(await daily()).toEqual(expected(timeZone))
    await follow(zone)
    expect(await daily()).toEqual(expected(zone))
    await verifyRollUps({ repos: createRepos(bench.store), clock, timeZone: zone, logger: silent, rest, signal, retainedFrom: () => 0 })
    const { usageDaily } = bench.tables
    const groups = (await bench.store.db.select().from(usageDaily)).filter(row => row.scope === 'group' && row.requests !== 0)
    expect(groups.map(row => [row.day, row.inputTokens]).sort()).toEqual(rollUp(counted, [], zone).daily.filter(row => row.scope === 'group').map(row => [row.day, row.inputTokens]).sort())
  })

  it('where rows are gone, an hour cut by midnight counts where it begins, and nothing is lost or doubled', async () => {
    await bookAll()
    const total = async (scope: string) => Object.entries(await daily()).reduce((sum, [name, tokens]) => sum + (name.startsWith(scope) ? tokens : 0), 0)
    const before = [await total('all'), await total('key'), await total('user'), await total('account')]
    await prune({ repos: createRepos(bench.store), instances, signal, clock, rest, logsBefore: NOON - 20 * DAY })
    await follow('Asia/Kolkata')
    expect([await total('all'), await total('key'), await total('user'), await total('account')]).toEqual(before)
    const found = Object.entries(await daily()).filter(([name]) => name.startsWith('all'))
    const right = expected('Asia/Kolkata')
    expect(found.slice(-19)).toEqual(found.slice(-19).map(([name]) => [name, right[name]]))
    await verifyRollUps({ repos: createRepos(bench.store), clock, timeZone: 'Asia/Kolkata', logger: silent, rest, signal, retainedFrom: () => 0 })
    expect([await total('all'), await total('key'), await total('user'), await total('account')]).toEqual(before)
  })

  it('a start that is cut short goes on at the next one, whatever zone that has', async () => {
    await bookAll()
    const repos = createRepos(bench.store)
    let left = 11
    const dying = { ...repos, usageDays: { ...repos.usageDays, missing: async (makeup: Parameters<typeof repos.usageDays.missing>[0]) => {
      if (left-- === 0) throw new Error('killed')
      return repos.usageDays.missing(makeup)
    } } }
    await expect(follow('Asia/Tokyo', dying)).rejects.toThrow('killed')
    await follow('Asia/Tokyo')
    expect(await daily()).toEqual(expected('Asia/Tokyo'))
    left = 7
    await expect(follow('Europe/Berlin', dying)).rejects.toThrow('killed')
    await follow('Asia/Kolkata')
    expect(await daily()).toEqual(expected('Asia/Kolkata'))
  })

  it('two instances that start at once share the work', async () => {
    await bookAll()
    await Promise.all([follow('Asia/Kolkata'), follow('Asia/Kolkata')])
    expect(await daily()).toEqual(expected('Asia/Kolkata'))
  })

  it('the same zone costs nothing', async () => {
    await bookAll()
    const repos = createRepos(bench.store)
    await follow(timeZone, { ...repos, usageDays: { ...repos.usageDays, span: () => Promise.reject(new Error('looked')) } })
  })
})
