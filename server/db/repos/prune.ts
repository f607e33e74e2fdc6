import { asc, inArray, lt } from 'drizzle-orm'
import type { Store } from '../store'

const BATCH = 500

/** Takes old rows away in small batches, so that writers never wait long. Times are epoch-ms; answers are counts. */
export function createPruneRepo(store: Store) {
  const { logs, unpriced, apiLogs, auditLogs } = store.tables
  const { db } = store

  async function removeBatch(table: typeof apiLogs | typeof auditLogs, before: number): Promise<number> {
    const rows = await store.read.select({ id: table.id }).from(table).where(lt(table.createdAt, before)).orderBy(asc(table.createdAt)).limit(BATCH)
    if (rows.length === 0) return 0
    return store.changes(await db.delete(table).where(inArray(table.id, rows.map(({ id }) => id))))
  }

  return {
    /** One batch of log rows settled before `before`; roll-ups stay. */
    async logs(before: number): Promise<number> {
      const rows = await store.read.select({ id: logs.requestId }).from(logs).where(lt(logs.createdAt, before)).orderBy(asc(logs.createdAt)).limit(BATCH)
      if (rows.length === 0) return 0
      const ids = rows.map(({ id }) => id)
      await db.delete(unpriced).where(inArray(unpriced.requestId, ids))
      return store.changes(await db.delete(logs).where(inArray(logs.requestId, ids)))
    },
    apiLogs: (before: number): Promise<number> => removeBatch(apiLogs, before),
    auditLogs: (before: number): Promise<number> => removeBatch(auditLogs, before),
  }
}

export type PruneRepo = ReturnType<typeof createPruneRepo>
