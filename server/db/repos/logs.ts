import { and, eq, gte, inArray, lte, type SQL } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Outcome } from '../../../shared/types/log'
import type { Store } from '../store'
import { afterPosition, newestFirst, readTimeCursor, timePageOf, withinTime, type TimePosition } from './time-page'

export type LogRow = Schema['logs']['$inferSelect']

/** All given filters must hold. Times are epoch-ms of the settling, `from` inclusive, `to` exclusive. */
export interface LogFilter {
  from?: number
  to?: number
  /** Only rows of this user: what somebody without the admin role may see. */
  userId?: string
  keyId?: string
  accountId?: string
  model?: string
  status?: number
  outcome?: Outcome
  sessionId?: string
  /** Ours or the upstream's. */
  requestId?: string
  stream?: boolean
  /** List price in nano-USD, both included. */
  minCostNano?: number
  maxCostNano?: number
}

export interface LogPage {
  items: LogRow[]
  /** Give it back to get the page after this one; null at the end. */
  nextCursor: string | null
}

/** Upstream request ids are not unique, but hardly ever shared; more than this many rows of one are not looked at. */
const maxSameUpstreamId = 200

/** Settled requests, newest first. Every query of a page stays on an index. */
export function createLogsRepo(store: Store) {
  const { logs } = store.tables
  const { read } = store

  async function idsOf(requestId: string): Promise<string[]> {
    const rows = await read.select({ id: logs.requestId }).from(logs).where(eq(logs.upstreamRequestId, requestId)).limit(maxSameUpstreamId)
    return [...new Set([requestId, ...rows.map(row => row.id)])]
  }

  /** The statement behind one page; `ids` are what the filter's request id stands for. */
  function pageQuery(filter: LogFilter, after: TimePosition | null, limit: number, ids: string[] | null) {
    const is = <T extends keyof LogRow>(column: T, value: LogRow[T] | undefined): SQL | undefined =>
      value === undefined || value === null ? undefined : eq(logs[column], value)
    return read.select().from(logs).where(and(
      ids ? inArray(logs.requestId, ids) : undefined,
      is('userId', filter.userId),
      is('apiKeyId', filter.keyId),
      is('accountId', filter.accountId),
      is('sessionId', filter.sessionId),
      is('model', filter.model),
      is('status', filter.status),
      is('outcome', filter.outcome),
      is('stream', filter.stream),
      filter.minCostNano === undefined ? undefined : gte(logs.costNano, filter.minCostNano),
      filter.maxCostNano === undefined ? undefined : lte(logs.costNano, filter.maxCostNano),
      withinTime(logs.createdAt, filter),
      afterPosition(logs.createdAt, logs.requestId, after),
    )).orderBy(...newestFirst(logs.createdAt, logs.requestId)).limit(limit)
  }

  return {
    pageQuery,
    /** One page. An unreadable cursor gives an empty page. */
    async list(filter: LogFilter, page: { cursor?: string, limit: number }): Promise<LogPage> {
      const after = page.cursor === undefined ? null : readTimeCursor(page.cursor)
      if (page.cursor !== undefined && !after) return { items: [], nextCursor: null }
      const ids = filter.requestId === undefined ? null : await idsOf(filter.requestId)
      const rows = await pageQuery(filter, after, page.limit + 1, ids)
      return timePageOf(rows, page.limit, row => ({ at: row.createdAt, id: row.requestId }))
    },
    /** Milliseconds to the first byte, of those of the newest rows since a time (epoch-ms) that got one. */
    async firstBytes(since: number, maxRows: number): Promise<number[]> {
      const rows = await read.select({ ttfbMs: logs.ttfbMs }).from(logs).where(gte(logs.createdAt, since)).orderBy(...newestFirst(logs.createdAt, logs.requestId)).limit(maxRows)
      return rows.flatMap(({ ttfbMs }) => (ttfbMs === null ? [] : [ttfbMs]))
    },
    /** By our request id or the upstream's; of several rows the newest. `userId` limits it to that user's rows. */
    async get(requestId: string, userId?: string): Promise<LogRow | null> {
      return (await pageQuery({ userId }, null, 1, await idsOf(requestId))).at(0) ?? null
    },
  }
}

export type LogsRepo = ReturnType<typeof createLogsRepo>
