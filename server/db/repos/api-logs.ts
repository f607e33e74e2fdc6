import { and, between, eq, type SQL } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { contains } from './filters'
import { afterPosition, newestFirst, readTimeCursor, timePageOf, withinTime } from './time-page'

export type ApiLogRow = Schema['apiLogs']['$inferSelect']

/** All given filters must hold. Times are epoch-ms, `from` inclusive, `to` exclusive. */
export interface ApiLogFilter {
  from?: number
  to?: number
  userId?: string
  method?: string
  /** An exact status, or the first digit of a class: 4 is 400 to 499. */
  status?: number
  ip?: string
  /** Found in the path. */
  q?: string
}

/** Writes and failures of the JSON API. */
export function createApiLogsRepo(store: Store) {
  const { apiLogs } = store.tables
  const is = (column: 'userId' | 'method' | 'ip', value: string | undefined): SQL | undefined => value === undefined ? undefined : eq(apiLogs[column], value)

  function hasStatus(status: number | undefined): SQL | undefined {
    if (status === undefined) return undefined
    return status < 10 ? between(apiLogs.status, status * 100, status * 100 + 99) : eq(apiLogs.status, status)
  }

  return {
    async insert(rows: ApiLogRow[]): Promise<void> {
      if (rows.length) await store.db.insert(apiLogs).values(rows)
    },
    /** Newest first. An unreadable cursor gives an empty page. */
    async list(filter: ApiLogFilter, { cursor, limit }: { cursor?: string, limit: number }) {
      const after = cursor === undefined ? null : readTimeCursor(cursor)
      if (cursor !== undefined && !after) return { items: [], nextCursor: null }
      const rows = await store.read.select().from(apiLogs).where(and(
        is('userId', filter.userId),
        is('method', filter.method),
        is('ip', filter.ip),
        hasStatus(filter.status),
        contains(apiLogs.path, filter.q),
        withinTime(apiLogs.createdAt, filter),
        afterPosition(apiLogs.createdAt, apiLogs.id, after),
      )).orderBy(...newestFirst(apiLogs.createdAt, apiLogs.id)).limit(limit + 1)
      return timePageOf(rows, limit, row => ({ at: row.createdAt, id: row.id }))
    },
  }
}

export type ApiLogsRepo = ReturnType<typeof createApiLogsRepo>
