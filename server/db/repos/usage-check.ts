import { and, eq, gte, isNotNull, lt, ne, or, sql, type Column, type SQL } from 'drizzle-orm'
import { sumKeys, type Counted, type Sums, type SumKey } from '../../billing/rollups'
import type { Store } from '../store'
import { countedColumns, isErrorSql, sumColumns } from './usage-columns'

const HOUR = 3_600_000

export interface HourKey { hour: number, userId: string, apiKeyId: string, accountId: string, model: string }
export interface SessionKey { apiKeyId: string, sessionId: string, agentId: string }

/** The rows of one bucket and what is booked of them (null: no roll-up), seen at the same moment. */
export interface Bucket {
  rows: Counted[]
  booked: Sums | null
  /** Of a session: its first request, epoch-ms. */
  firstAt: number | null
}

/** Its parts never are further from the cost than rounding takes them. */
const MAX_ROUNDING_NANO = 3

/**
 * Finds roll-ups that are not the sum of their log rows. Each look is one statement, so that it sees rows and roll-ups of
 * the same moment without a lock; a booking that comes between changes both alike.
 */
export function createUsageCheckRepo(store: Store) {
  const { logs, usageHourly, usageDaily, usageSessions } = store.tables
  const { read } = store
  type Table = Record<SumKey, Column>

  const rowSums: Partial<Record<SumKey, SQL>> = {
    requests: sql`count(*)`,
    errors: sql`sum(${isErrorSql(logs)})`,
    inputTokens: sql`sum(${logs.inputTokens})`,
    outputTokens: sql`sum(${logs.outputTokens})`,
    cacheReadTokens: sql`sum(${logs.cacheReadTokens})`,
    cacheWrite5mTokens: sql`sum(${logs.cacheWrite5mTokens})`,
    cacheWrite1hTokens: sql`sum(${logs.cacheWrite1hTokens})`,
    costNano: sql`sum(${logs.costNano})`,
    billedNano: sql`sum(${logs.billedNano})`,
    ttfbMsSum: sql`coalesce(sum(${logs.ttfbMs}), 0)`,
    ttfbCount: sql`count(${logs.ttfbMs})`,
    durationMsSum: sql`sum(${logs.durationMs})`,
  }
  const compared = sumKeys.filter(name => rowSums[name])

  const roundedFar = (t: Table) => sql`case when abs(${t.costInputNano} + ${t.costOutputNano} + ${t.costCacheReadNano} + ${t.costCacheWriteNano} + ${t.costWebSearchNano} - ${t.costNano}) > ${MAX_ROUNDING_NANO} * abs(${t.requests}) then 1 else 0 end`

  /** Keys whose rows and roll-up differ. */
  async function off<K extends string>(keys: Record<K, { row: SQL, booked: Column }>, rowsWhere: SQL | undefined, table: Table & { _: unknown }, bookedWhere: SQL | undefined): Promise<Record<K, string>[]> {
    const names = Object.keys(keys) as K[]
    const named = (pick: (key: K) => SQL) => Object.fromEntries(names.map(name => [name, pick(name).as(name)]))
    const rows = read.select({ ...named(name => keys[name].row), ...Object.fromEntries(compared.map(name => [name, rowSums[name]!.as(name)])), far: sql`0`.as('far') })
      .from(logs).where(rowsWhere).groupBy(...names.map(name => keys[name].row))
    const booked = read.select({ ...named(name => sql`${keys[name].booked}`), ...Object.fromEntries(compared.map(name => [name, sql`0 - ${table[name]}`.as(name)])), far: roundedFar(table).as('far') })
      .from(table as unknown as typeof usageHourly).where(bookedWhere)
    const column = (name: string) => sql`${sql.identifier(name)}`
    const found = await read.select(Object.fromEntries(names.map(name => [name, column(name)])))
      .from(sql`(${rows.getSQL()} union all ${booked.getSQL()}) compared`)
      .groupBy(...names.map(column))
      .having(or(...[...compared, 'far'].map(name => sql`sum(${column(name)}) <> 0`)))
    return found as Record<K, string>[]
  }

  /** Rows and roll-up of one bucket in one statement. */
  async function bucket(table: typeof usageHourly | typeof usageDaily | typeof usageSessions, bookedWhere: SQL | undefined, rowsWhere: SQL | undefined): Promise<Bucket> {
    const firstAt = 'firstAt' in table ? table.firstAt : sql<null>`null`
    const found = await read.select({ row: countedColumns(logs), booked: sumColumns(table), firstAt })
      .from(sql`(select 1 as one) single`).leftJoin(table, bookedWhere).leftJoin(logs, rowsWhere)
    const list = found as unknown as { row: (Counted & { requestId: string }) | null, booked: Sums | null, firstAt: number | null }[]
    return { rows: list.flatMap(({ row }) => (row ? [row] : [])), booked: list[0]?.booked ?? null, firstAt: list[0]?.firstAt ?? null }
  }

  const orEmpty = (column: Column) => sql`coalesce(${column}, '')`
  const inTime = (from: number, to: number) => and(gte(logs.createdAt, from), lt(logs.createdAt, to))
  const sameOrEmpty = (column: Column, value: string) => eq(orEmpty(column), value)

  return {
    /** Buckets of one UTC hour that are off. */
    async hourlyOff(hour: number): Promise<HourKey[]> {
      const keys = {
        userId: { row: orEmpty(logs.userId), booked: usageHourly.userId },
        apiKeyId: { row: orEmpty(logs.apiKeyId), booked: usageHourly.apiKeyId },
        accountId: { row: orEmpty(logs.accountId), booked: usageHourly.accountId },
        model: { row: orEmpty(logs.model), booked: usageHourly.model },
      }
      return (await off(keys, inTime(hour, hour + HOUR), usageHourly, eq(usageHourly.hour, hour))).map(key => ({ hour, ...key }))
    },

    hourly({ hour, userId, apiKeyId, accountId, model }: HourKey): Promise<Bucket> {
      const { hour: at, ...ids } = usageHourly
      const booked = and(eq(at, hour), eq(ids.userId, userId), eq(ids.apiKeyId, apiKeyId), eq(ids.accountId, accountId), eq(ids.model, model))
      const same = [sameOrEmpty(logs.userId, userId), sameOrEmpty(logs.apiKeyId, apiKeyId), sameOrEmpty(logs.accountId, accountId), sameOrEmpty(logs.model, model)]
      return bucket(usageHourly, booked, and(inTime(hour, hour + HOUR), ...same))
    },

    /** Groups whose roll-up of a local day from `from` to `to` (epoch-ms) is off. */
    async groupsOff(day: string, from: number, to: number): Promise<string[]> {
      const keys = { groupId: { row: sql`${logs.groupId}`, booked: usageDaily.scopeId } }
      const found = await off(keys, and(inTime(from, to), isNotNull(logs.groupId)), usageDaily, and(eq(usageDaily.scope, 'group'), eq(usageDaily.day, day)))
      return found.map(({ groupId }) => groupId)
    },

    groupDay: (groupId: string, day: string, from: number, to: number): Promise<Bucket> =>
      bucket(usageDaily, and(eq(usageDaily.scope, 'group'), eq(usageDaily.scopeId, groupId), eq(usageDaily.day, day)), and(inTime(from, to), eq(logs.groupId, groupId))),

    /** Sessions with a request in the time, or that are said to have ended in it. */
    async sessionsBetween(from: number, to: number): Promise<Omit<SessionKey, 'agentId'>[]> {
      const withRows = await read.selectDistinct({ apiKeyId: logs.apiKeyId, sessionId: logs.sessionId }).from(logs)
        .where(and(inTime(from, to), isNotNull(logs.apiKeyId), isNotNull(logs.sessionId)))
      const booked = await read.selectDistinct({ apiKeyId: usageSessions.apiKeyId, sessionId: usageSessions.sessionId }).from(usageSessions)
        .where(and(gte(usageSessions.lastAt, from), lt(usageSessions.lastAt, to), ne(usageSessions.requests, 0)))
      const all = [...withRows, ...booked] as Omit<SessionKey, 'agentId'>[]
      return [...new Map(all.map(each => [`${each.apiKeyId} ${each.sessionId}`, each])).values()]
    },

    /** Which of these sessions, by agent, are off. */
    sessionsOff(sessions: readonly Omit<SessionKey, 'agentId'>[]): Promise<SessionKey[]> {
      const keys = {
        apiKeyId: { row: sql`${logs.apiKeyId}`, booked: usageSessions.apiKeyId },
        sessionId: { row: sql`${logs.sessionId}`, booked: usageSessions.sessionId },
        agentId: { row: orEmpty(logs.agentId), booked: usageSessions.agentId },
      }
      const one = (table: { apiKeyId: Column, sessionId: Column }) => or(...sessions.map(each => and(eq(table.sessionId, each.sessionId), eq(table.apiKeyId, each.apiKeyId))))
      return off(keys, one(logs), usageSessions, one(usageSessions))
    },

    session: ({ apiKeyId, sessionId, agentId }: SessionKey): Promise<Bucket> =>
      bucket(usageSessions,
        and(eq(usageSessions.apiKeyId, apiKeyId), eq(usageSessions.sessionId, sessionId), eq(usageSessions.agentId, agentId)),
        and(eq(logs.sessionId, sessionId), eq(logs.apiKeyId, apiKeyId), sameOrEmpty(logs.agentId, agentId))),
  }
}

export type UsageCheckRepo = ReturnType<typeof createUsageCheckRepo>
