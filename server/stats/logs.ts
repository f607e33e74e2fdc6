import { problem } from '#shared/schemas/errors'
import { MAX_FILTERED_DAYS, type LogExportQuery, type LogListQuery } from '#shared/schemas/log'
import type { ListOf, LogView } from '#shared/types/api'
import { usdToNano } from '#shared/utils/money'
import type { Repos } from '../db/repos/index'
import type { LogFilter, LogPage } from '../db/repos/logs'
import { readTimeCursor } from '../db/repos/time-page'
import type { Clock } from '../lib/clock'
import { invalid, invalidField, notFound } from '../lib/errors'
import { visibleOwner, type Actor } from '../users/actor'
import { logView } from './log-view'

const MAX_SPAN_MS = MAX_FILTERED_DAYS * 24 * 3_600_000
const EXPORT_BATCH = 500

type LogExportFilter = Omit<LogExportQuery, 'format' | 'bom'>

/** Settled requests as people may read them: their own, admins all. */
export function createLogsService({ repos, clock }: { repos: Repos, clock: Clock }) {
  /** Whom a row's accounts are named to: their owner and admins. Others see only that it was some account. */
  async function views(actor: Actor, rows: Parameters<typeof logView>[0][]): Promise<LogView[]> {
    const all = rows.map(logView)
    if (actor.role === 'admin') return all
    const ids = new Set(all.flatMap(row => [row.accountId, ...row.attempts.map(attempt => attempt.accountId)]))
    const owners = await repos.accounts.owners([...ids].filter(id => id !== null))
    const isOwn = (id: string | null): boolean => id !== null && owners.get(id) === actor.id
    return all.map(row => ({
      ...row,
      accountName: isOwn(row.accountId) ? row.accountName : null,
      attempts: row.attempts.map(attempt => (isOwn(attempt.accountId) ? attempt : { ...attempt, accountName: '' })),
    }))
  }

  return {
    async list(actor: Actor, { cursor, limit, ...query }: LogListQuery): Promise<ListOf<LogView>> {
      if (cursor !== undefined && !readTimeCursor(cursor)) throw invalidField('cursor', 'errors.cursor')
      if (actor.role !== 'admin' && query.userId !== undefined && query.userId !== actor.id) return { items: [], nextCursor: null }
      const filter = filterOf({ ...query, from: spanStart(query, clock.now()), userId: actor.role === 'admin' ? query.userId : actor.id })
      const page = await repos.logs.list(filter, { cursor, limit })
      return { items: await views(actor, page.items), nextCursor: page.nextCursor }
    },

    /**
     * All rows of a filter that are settled by now, newest first, a batch at a time; the next one is read when it is asked for.
     * Covers 31 days, or any time with a key, an account, a session or a request id. Throws `validation` before the first batch.
     */
    export(actor: Actor, query: LogExportFilter): AsyncGenerator<LogView[]> {
      const ids = [query.keyId, query.accountId, query.sessionId, query.requestId]
      const to = query.to ?? clock.now() + 1
      const from = ids.some(id => id !== undefined) ? query.from : cappedStart(query.from, to)
      const filter = filterOf({ ...query, from, to, userId: visibleOwner(actor, query.userId) })
      return batches(async cursor => repos.logs.list(filter, { cursor, limit: EXPORT_BATCH }), rows => views(actor, rows))
    },

    /** By our request id or the upstream's. */
    async get(actor: Actor, requestId: string): Promise<LogView> {
      const row = await repos.logs.get(requestId, actor.role === 'admin' ? undefined : actor.id)
      if (!row) throw notFound('log row')
      return (await views(actor, [row]))[0] as LogView
    },
  }
}

export type LogsService = ReturnType<typeof createLogsService>

const nano = (usd: string | number | undefined): number | undefined => (usd === undefined ? undefined : usdToNano(usd) ?? undefined)

/** Prices as the rows keep them. */
function filterOf({ minCostUsd, maxCostUsd, ...filter }: LogExportFilter): LogFilter {
  return { ...filter, minCostNano: nano(minCostUsd), maxCostNano: nano(maxCostUsd) }
}

/** Filters that no index narrows down must not walk through years: such a list covers its last days only. */
function spanStart({ from, to, sessionId, requestId, ...filters }: Omit<LogListQuery, 'cursor' | 'limit'>, now: number): number | undefined {
  const narrow = sessionId !== undefined || requestId !== undefined
  if (narrow || Object.values(filters).every(value => value === undefined)) return from
  return cappedStart(from, to ?? now)
}

/** `from`, or the start of the longest span that ends at `to`. Throws `validation` for a longer one. */
function cappedStart(from: number | undefined, to: number): number {
  if (from === undefined) return Math.max(0, to - MAX_SPAN_MS)
  if (to - from > MAX_SPAN_MS) throw invalid([problem('from', 'errors.rangeTooLong', { max: MAX_FILTERED_DAYS })])
  return from
}

async function* batches(read: (cursor: string | undefined) => Promise<LogPage>, view: (rows: LogPage['items']) => Promise<LogView[]>): AsyncGenerator<LogView[]> {
  for (let cursor: string | undefined, last = false; !last;) {
    const page = await read(cursor)
    cursor = page.nextCursor ?? undefined
    last = page.nextCursor === null
    yield await view(page.items)
  }
}
