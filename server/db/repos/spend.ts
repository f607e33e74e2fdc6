import { and, eq, gte, inArray, sql, type Column, type SQL } from 'drizzle-orm'
import type { Base, Spans } from '../../kv/claims'
import type { Store } from '../store'
import { FILE_DONE } from './ledger'

export type SpendScope = 'key' | 'account'

/** Sums that the books hold, and how far they reach into each journal file (bytes; {@link FILE_DONE}: all of it). */
export interface Booked {
  sums: Base['sums']
  files: { file: string, offset: number }[]
}

/** Local dates: today, and the first day of the week. */
export type SpentDays = Pick<Spans, 'day' | 'week'>

/** Keys pay what their group makes of the cost; of an account the upstream's price counts. */
const amountOf = ({ tables: { usageDaily } }: Store, scope: SpendScope) => scope === 'account' ? usageDaily.costNano : usageDaily.billedNano

/** What a row's key or account spent since a local date, within a statement about the row. */
export function spentSince(store: Store, scope: SpendScope, id: Column, day: string): SQL {
  const { usageDaily } = store.tables
  return sql`(select coalesce(sum(${amountOf(store, scope)}), 0) from ${usageDaily} where ${usageDaily.scope} = ${scope} and ${usageDaily.scopeId} = ${id} and ${usageDaily.day} >= ${day})`
}

/** What was spent, as the roll-ups have it. */
export function createSpendRepo(store: Store) {
  const { usageDaily, journalCursors } = store.tables
  const { db, read } = store
  function sumsOf(scope: SpendScope, { day, week, month }: Spans) {
    const since = (from: string) => sql`coalesce(sum(case when ${usageDaily.day} >= ${from} then ${amountOf(store, scope)} else 0 end), 0)`.mapWith(Number)
    return { day: since(day), week: since(week), month: since(month), total: sql`coalesce(sum(${amountOf(store, scope)}), 0)`.mapWith(Number) }
  }

  const requestsSince = (from: string) => sql`coalesce(sum(case when ${usageDaily.day} >= ${from} then ${usageDaily.requests} else 0 end), 0)`.mapWith(Number)

  return {
    /** One statement, so that sums and cursors are of the same moment: the ledger moves both in one transaction. */
    async booked(scope: SpendScope, id: string, spans: Spans): Promise<Booked> {
      const columns = sumsOf(scope, spans)
      const sums = db.select({
        day: columns.day.as('day_sum'), week: columns.week.as('week_sum'), month: columns.month.as('month_sum'), total: columns.total.as('total_sum'),
      }).from(usageDaily).where(and(eq(usageDaily.scope, scope), eq(usageDaily.scopeId, id))).as('sums')
      const rows = await db.select({ day: sums.day, week: sums.week, month: sums.month, total: sums.total, file: journalCursors.file, offset: journalCursors.offset })
        .from(sums).leftJoin(journalCursors, gte(journalCursors.offset, FILE_DONE))
      const [first] = rows
      return {
        sums: { day: Number(first?.day ?? 0), week: Number(first?.week ?? 0), month: Number(first?.month ?? 0), total: Number(first?.total ?? 0) },
        files: rows.flatMap(({ file, offset }) => (file === null || offset === null ? [] : [{ file, offset }])),
      }
    },

    /** Sums of many, for a page. Those without any use are absent. */
    async sums(scope: SpendScope, ids: string[], spans: Spans): Promise<Map<string, Base['sums'] & { requestsToday: number, requestsWeek: number }>> {
      if (ids.length === 0) return new Map()
      const rows = await read.select({
        id: usageDaily.scopeId, ...sumsOf(scope, spans),
        requestsToday: requestsSince(spans.day), requestsWeek: requestsSince(spans.week),
      }).from(usageDaily).where(and(eq(usageDaily.scope, scope), inArray(usageDaily.scopeId, ids))).groupBy(usageDaily.scopeId)
      return new Map(rows.map(({ id, ...sums }) => [id, sums]))
    },
  }
}

export type SpendRepo = ReturnType<typeof createSpendRepo>
