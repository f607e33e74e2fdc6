import { and, eq, like, or, type SQL } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { contains } from './filters'
import { afterPosition, newestFirst, readTimeCursor, timePageOf, withinTime } from './time-page'

export type AuditLogRow = Schema['auditLogs']['$inferSelect']

/** All given filters must hold. Times are epoch-ms, `from` inclusive, `to` exclusive. */
export interface AuditFilter {
  from?: number
  to?: number
  userId?: string
  /** `key.create`, or `key` for all of its kind. */
  action?: string
  targetType?: string
  targetId?: string
  /** Found in the person's name, the target's name or id, and the address. */
  q?: string
}

/** Who changed what. */
export function createAuditLogsRepo(store: Store) {
  const { auditLogs } = store.tables
  const { read } = store
  const is = (column: 'userId' | 'targetType' | 'targetId', value: string | undefined): SQL | undefined => value === undefined ? undefined : eq(auditLogs[column], value)

  function hasAction(action: string | undefined): SQL | undefined {
    if (action === undefined) return undefined
    return action.includes('.') ? eq(auditLogs.action, action) : like(auditLogs.action, `${action}.%`)
  }

  return {
    async insert(row: AuditLogRow): Promise<void> {
      await store.db.insert(auditLogs).values(row)
    },
    /** Newest first. An unreadable cursor gives an empty page. */
    async list(filter: AuditFilter, { cursor, limit }: { cursor?: string, limit: number }) {
      const after = cursor === undefined ? null : readTimeCursor(cursor)
      if (cursor !== undefined && !after) return { items: [], nextCursor: null }
      const { q } = filter
      const rows = await read.select().from(auditLogs).where(and(
        is('userId', filter.userId),
        is('targetType', filter.targetType),
        is('targetId', filter.targetId),
        hasAction(filter.action),
        q ? or(contains(auditLogs.userName, q), contains(auditLogs.targetName, q), eq(auditLogs.targetId, q), eq(auditLogs.ip, q)) : undefined,
        withinTime(auditLogs.createdAt, filter),
        afterPosition(auditLogs.createdAt, auditLogs.id, after),
      )).orderBy(...newestFirst(auditLogs.createdAt, auditLogs.id)).limit(limit + 1)
      return timePageOf(rows, limit, row => ({ at: row.createdAt, id: row.id }))
    },
    /** Every action that is there, and everybody who did something. */
    async values(): Promise<{ actions: string[], userIds: string[] }> {
      const [actions, users] = await Promise.all([
        read.selectDistinct({ action: auditLogs.action }).from(auditLogs).orderBy(auditLogs.action),
        read.selectDistinct({ userId: auditLogs.userId }).from(auditLogs),
      ])
      return { actions: actions.map(({ action }) => action), userIds: users.flatMap(({ userId }) => userId ?? []) }
    },
  }
}

export type AuditLogsRepo = ReturnType<typeof createAuditLogsRepo>
