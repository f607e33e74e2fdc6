import { and, eq, gte, inArray, lt, ne, or, sql, type SQL } from 'drizzle-orm'
import { costByKind, missing, noSums, sumKeys, type CostKey, type DailyScope, type DailySums, type Sums } from '../../billing/rollups'
import type { Store } from '../store'
import { isErrorSql } from './usage-columns'

/** Of what a local day is made, epoch-ms: whole UTC hours, and pieces of the hours that its zone cuts, by their rows. */
export interface DayMakeup {
  day: string
  hours: { from: number, to: number }
  pieces: { from: number, to: number }[]
}

interface Part extends Sums { kind: string, userId: string, apiKeyId: string, accountId: string, scope: string, scopeId: string, costParts: string | null }

const costKeys = new Set<string>(['costInputNano', 'costOutputNano', 'costCacheReadNano', 'costCacheWriteNano', 'costWebSearchNano'] satisfies CostKey[])
/** The scopes that hourly roll-ups know. */
const scopes = ['all', 'user', 'key', 'account'] as const satisfies DailyScope[]

/** Daily roll-ups against the hourly ones, which are kept for ever. */
export function createUsageDaysRepo(store: Store) {
  const { logs, usageHourly, usageDaily } = store.tables
  const { read } = store
  const named = (fields: Record<string, SQL>) => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.as(name)]))
  const each = (field: (name: (typeof sumKeys)[number]) => SQL) => Object.fromEntries(sumKeys.map(name => [name, field(name)])) as Record<(typeof sumKeys)[number], SQL>
  const none = sql`''`

  const rowAmounts: Partial<Record<(typeof sumKeys)[number], SQL>> = {
    requests: sql`1`,
    errors: isErrorSql(logs),
    ttfbMsSum: sql`coalesce(${logs.ttfbMs}, 0)`,
    ttfbCount: sql`case when ${logs.ttfbMs} is null then 0 else 1 end`,
    durationMsSum: sql`${logs.durationMs}`,
  }
  const rowAmount = (name: (typeof sumKeys)[number]) => rowAmounts[name] ?? (costKeys.has(name) ? sql`0` : sql`${logs[name as 'costNano']}`)

  /** Everything about one day in one statement, so that a booking is seen in all of it or in nothing. */
  function parts({ day, hours, pieces }: DayMakeup): Promise<Part[]> {
    const fromHours = read.select(named({
      kind: sql`'hours'`, userId: sql`${usageHourly.userId}`, apiKeyId: sql`${usageHourly.apiKeyId}`, accountId: sql`${usageHourly.accountId}`, scope: none, scopeId: none, costParts: sql`null`,
      ...each(name => sql`sum(${usageHourly[name]})`),
    })).from(usageHourly).where(and(gte(usageHourly.hour, hours.from), lt(usageHourly.hour, hours.to))).groupBy(usageHourly.userId, usageHourly.apiKeyId, usageHourly.accountId)
    const booked = read.select(named({
      kind: sql`'day'`, userId: none, apiKeyId: none, accountId: none, scope: sql`${usageDaily.scope}`, scopeId: sql`${usageDaily.scopeId}`, costParts: sql`null`,
      ...each(name => sql`${usageDaily[name]}`),
    })).from(usageDaily).where(and(eq(usageDaily.day, day), inArray(usageDaily.scope, [...scopes])))
    const fromRows = read.select(named({
      kind: sql`'row'`, userId: sql`coalesce(${logs.userId}, '')`, apiKeyId: sql`coalesce(${logs.apiKeyId}, '')`, accountId: sql`coalesce(${logs.accountId}, '')`, scope: none, scopeId: none,
      costParts: sql`${logs.costParts}`, ...each(rowAmount),
    })).from(logs).where(or(...pieces.map(piece => and(gte(logs.createdAt, piece.from), lt(logs.createdAt, piece.to)))))
    const together = pieces.length === 0 ? sql`${fromHours.getSQL()} union all ${booked.getSQL()}` : sql`${fromHours.getSQL()} union all ${booked.getSQL()} union all ${fromRows.getSQL()}`
    const column = (name: string) => sql`${sql.identifier(name)}`
    const texts = Object.fromEntries(['kind', 'userId', 'apiKeyId', 'accountId', 'scope', 'scopeId', 'costParts'].map(name => [name, column(name)]))
    return read.select({ ...texts, ...each(name => column(name).mapWith(Number)) }).from(sql`(${together}) parts`) as unknown as Promise<Part[]>
  }

  return {
    /** What the day's roll-ups lack (negative: have too much), by scope; groups are left out, since no hour knows them. */
    async missing(makeup: DayMakeup): Promise<DailySums[]> {
      const counted = new Map<string, Sums>()
      const booked = new Map<string, Sums>()
      for (const part of await parts(makeup)) {
        if (part.kind === 'day') {
          booked.set(key(part.scope, part.scopeId), part)
          continue
        }
        const amounts = part.kind === 'row' ? { ...part, ...costByKind(part.costParts) } : part
        for (const [scope, id] of [['all', ''], ['user', part.userId], ['key', part.apiKeyId], ['account', part.accountId]] as const) {
          if (scope !== 'all' && id === '') continue
          const sums = counted.get(key(scope, id)) ?? noSums()
          for (const name of sumKeys) sums[name] += amounts[name]
          counted.set(key(scope, id), sums)
        }
      }
      return [...new Set([...counted.keys(), ...booked.keys()])].sort().flatMap((id) => {
        const lacking = missing(counted.get(id), booked.get(id))
        const [scope, scopeId] = JSON.parse(id) as [DailyScope, string]
        return lacking ? [{ scope, scopeId, day: makeup.day, ...lacking }] : []
      })
    },

    /** First and last of what is kept: rows and hours in epoch-ms, days as local dates. Null: nothing. */
    async span(): Promise<{ oldestRow: number | null, oldestHour: number | null, oldestDay: string | null, newestDay: string | null }> {
      const [row, hour, day] = await Promise.all([
        read.select({ at: sql`min(${logs.createdAt})` }).from(logs),
        read.select({ at: sql`min(${usageHourly.hour})` }).from(usageHourly),
        read.select({ oldest: sql`min(${usageDaily.day})`, newest: sql`max(${usageDaily.day})` }).from(usageDaily).where(ne(usageDaily.requests, 0)),
      ])
      const time = (value: unknown) => (value === null || value === undefined ? null : Number(value))
      return { oldestRow: time(row[0]?.at), oldestHour: time(hour[0]?.at), oldestDay: day[0]?.oldest as string | null, newestDay: day[0]?.newest as string | null }
    },
  }
}

export type UsageDaysRepo = ReturnType<typeof createUsageDaysRepo>

const key = (scope: string, id: string) => JSON.stringify([scope, id])
