import { and, asc, desc, eq, gte, inArray, lt, lte, sql, type Column, type SQL } from 'drizzle-orm'
import { sumKeys, type DailyScope, type SumKey } from '../../billing/rollups'
import { total, totalBig } from '../sql'
import type { Store } from '../store'

type MoneyKey = Extract<SumKey, `${string}Nano`>

/** Sums of roll-ups; money is exact at any size. */
export type Totals = Record<Exclude<SumKey, MoneyKey>, number> & Record<MoneyKey, bigint>

export type TotalsOrder = 'cost' | 'billed' | 'requests' | 'tokens' | 'errors'

/** Local dates, both included. */
export interface DailyFilter { scope: DailyScope, scopeId: string, fromDay: string, toDay: string }

/** Hours by their start in epoch-ms, `to` excluded. All given ids must hold. */
export interface HourlyFilter { from: number, to: number, userId?: string, keyId?: string, accountId?: string, model?: string }

/** Sessions by their last request in epoch-ms, `to` excluded. */
export interface SessionFilter { from: number, to: number, userId?: string, keyId?: string, sessionId?: string }

export interface Top { order: TotalsOrder, limit: number }

/** Of a grouping: these groups only. */
interface Only { ids?: readonly string[] }

/** The largest groups, and how many there are in all. */
export interface Grouped<T> { groups: (T & Totals)[], count: number }

const isMoney = (name: SumKey): name is MoneyKey => name.endsWith('Nano')

/** The roll-ups as statistics read them; log rows are never touched. Every statement follows an index. */
export function createUsageRepo(store: Store) {
  const { usageHourly, usageDaily, usageSessions } = store.tables
  const { read } = store
  type Table = Record<SumKey, Column>

  const totals = (table: Table) =>
    Object.fromEntries(sumKeys.map(name => [name, isMoney(name) ? totalBig(table[name]) : total(table[name])])) as { [K in keyof Totals]: SQL<Totals[K]> }

  const largest = (t: Table, order: TotalsOrder): SQL => ({
    cost: sql`sum(${t.costNano})`,
    billed: sql`sum(${t.billedNano})`,
    requests: sql`sum(${t.requests})`,
    errors: sql`sum(${t.errors})`,
    tokens: sql`sum(${t.inputTokens} + ${t.outputTokens} + ${t.cacheReadTokens} + ${t.cacheWrite5mTokens} + ${t.cacheWrite1hTokens})`,
  })[order]

  const is = (column: Column, value: string | undefined) => (value === undefined ? undefined : eq(column, value))
  const ofDays = ({ scope, scopeId, fromDay, toDay }: DailyFilter) =>
    and(eq(usageDaily.scope, scope), eq(usageDaily.scopeId, scopeId), gte(usageDaily.day, fromDay), lte(usageDaily.day, toDay))
  const ofHours = (f: HourlyFilter) => and(
    gte(usageHourly.hour, f.from), lt(usageHourly.hour, f.to),
    is(usageHourly.userId, f.userId), is(usageHourly.apiKeyId, f.keyId), is(usageHourly.accountId, f.accountId), is(usageHourly.model, f.model),
  )
  const ofSessions = (f: SessionFilter) => and(
    gte(usageSessions.lastAt, f.from), lt(usageSessions.lastAt, f.to),
    is(usageSessions.userId, f.userId), is(usageSessions.apiKeyId, f.keyId), is(usageSessions.sessionId, f.sessionId),
  )

  const only = (column: Column, ids: readonly string[] | undefined) => (ids === undefined ? undefined : inArray(column, [...ids]))
  const columns = { model: usageHourly.model, key: usageHourly.apiKeyId, account: usageHourly.accountId, user: usageHourly.userId }

  const queries = {
    daily: (filter: DailyFilter) => read.select(totals(usageDaily)).from(usageDaily).where(ofDays(filter)),
    hourly: (filter: HourlyFilter) => read.select(totals(usageHourly)).from(usageHourly).where(ofHours(filter)),
    sessions: (filter: SessionFilter) => read.select(totals(usageSessions)).from(usageSessions).where(ofSessions(filter)),
    byDay: (filter: DailyFilter) => read.select({ day: usageDaily.day, ...totals(usageDaily) }).from(usageDaily).where(ofDays(filter)).groupBy(usageDaily.day).orderBy(asc(usageDaily.day)),
    byHour: (filter: HourlyFilter) => read.select({ hour: usageHourly.hour, ...totals(usageHourly) }).from(usageHourly).where(ofHours(filter)).groupBy(usageHourly.hour).orderBy(asc(usageHourly.hour)),
    byScope: ({ scope, fromDay, toDay }: Omit<DailyFilter, 'scopeId'>) => read.select({ id: usageDaily.scopeId, ...totals(usageDaily) }).from(usageDaily)
      .where(and(eq(usageDaily.scope, scope), gte(usageDaily.day, fromDay), lte(usageDaily.day, toDay))).groupBy(usageDaily.scopeId),
    by: (kind: keyof typeof columns, { ids, ...filter }: HourlyFilter & Only) => read.select({ id: columns[kind], ...totals(usageHourly) }).from(usageHourly).where(and(ofHours(filter), only(columns[kind], ids))).groupBy(columns[kind]),
    // Not in the order of the primary key, along which MySQL would rather walk through all sessions ever than sort those of the time.
    bySession: (filter: SessionFilter) => read.select({
      id: usageSessions.sessionId, keyId: usageSessions.apiKeyId, agentId: sql<string>`''`,
      firstAt: sql`min(${usageSessions.firstAt})`.mapWith(Number), lastAt: sql`max(${usageSessions.lastAt})`.mapWith(Number), ...totals(usageSessions),
    }).from(usageSessions).where(ofSessions(filter)).groupBy(usageSessions.sessionId, usageSessions.apiKeyId),
    byAgent: (filter: SessionFilter) => read.select({
      id: usageSessions.sessionId, keyId: usageSessions.apiKeyId, agentId: usageSessions.agentId,
      firstAt: sql`min(${usageSessions.firstAt})`.mapWith(Number), lastAt: sql`max(${usageSessions.lastAt})`.mapWith(Number), ...totals(usageSessions),
    }).from(usageSessions).where(ofSessions(filter)).groupBy(usageSessions.sessionId, usageSessions.agentId, usageSessions.apiKeyId),
  }

  async function top<T>(query: { getSQL(): SQL, orderBy(...by: SQL[]): { limit(n: number): PromiseLike<unknown> } }, table: Table, id: Column, { order, limit }: Top): Promise<Grouped<T>> {
    const counted = query.getSQL()
    const rows = read.select({ count: sql`count(*)`.mapWith(Number) }).from(sql`(${counted}) grouped`)
    const [{ count } = { count: 0 }] = await rows
    const groups = await query.orderBy(desc(largest(table, order)), asc(id)).limit(limit) as (T & Totals)[]
    return { groups, count }
  }

  const first = async (query: PromiseLike<Totals[]>): Promise<Totals> => (await query)[0]!

  return {
    queries,
    daily: (filter: DailyFilter): Promise<Totals> => first(queries.daily(filter)),
    hourly: (filter: HourlyFilter): Promise<Totals> => first(queries.hourly(filter)),
    sessions: (filter: SessionFilter): Promise<Totals> => first(queries.sessions(filter)),
    byDay: async (filter: DailyFilter): Promise<({ day: string } & Totals)[]> => queries.byDay(filter),
    byHour: async (filter: HourlyFilter): Promise<({ hour: number } & Totals)[]> => queries.byHour(filter),
    /** Ids of a daily scope. */
    byScope: (filter: Omit<DailyFilter, 'scopeId'>, page: Top): Promise<Grouped<{ id: string }>> => top(queries.byScope(filter), usageDaily, usageDaily.scopeId, page),
    by: (kind: keyof typeof columns, filter: HourlyFilter, page: Top): Promise<Grouped<{ id: string }>> => top(queries.by(kind, filter), usageHourly, columns[kind], page),
    /** These groups of an hourly grouping, by id. */
    async of(kind: keyof typeof columns, filter: HourlyFilter, ids: readonly string[]): Promise<Map<string, Totals>> {
      if (ids.length === 0) return new Map()
      const rows = await queries.by(kind, { ...filter, ids }) as ({ id: string } & Totals)[]
      return new Map(rows.map(row => [row.id, row]))
    },
    bySession: (filter: SessionFilter, page: Top): Promise<Grouped<SessionGroup>> => top(queries.bySession(filter), usageSessions, usageSessions.sessionId, page),
    byAgent: (filter: SessionFilter, page: Top): Promise<Grouped<SessionGroup>> => top(queries.byAgent(filter), usageSessions, usageSessions.sessionId, page),
  }
}

export interface SessionGroup { id: string, keyId: string, agentId: string, firstAt: number, lastAt: number }

export type UsageRepo = ReturnType<typeof createUsageRepo>
