import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type AuditLogRow = Schema['auditLogs']['$inferSelect']

/** Who changed what. */
export function createAuditLogsRepo(store: Store) {
  const { auditLogs } = store.tables

  return {
    async insert(row: AuditLogRow): Promise<void> {
      await store.db.insert(auditLogs).values(row)
    },
  }
}

export type AuditLogsRepo = ReturnType<typeof createAuditLogsRepo>
