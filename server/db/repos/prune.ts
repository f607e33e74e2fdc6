import { asc, inArray, lt } from 'drizzle-orm'
import type { Store } from '../store'

const BATCH = 500

/** Takes old rows away in small batches, so that writers never wait long. Times are epoch-ms; answers are counts. */
export function createPruneRepo(store: Store) {
  const { logs, unpriced, apiLogs } = store.tables
  const { db } = store

  return {
    /** One batch of log rows settled before `before`; roll-ups stay. */
    async logs(before: number): Promise<number> {
      const rows = await store.read.select({ id: logs.requestId }).from(logs).where(lt(logs.createdAt, before)).orderBy(asc(logs.createdAt)).limit(BATCH)
      if (rows.length === 0) return 0
      const ids = rows.map(({ id }) => id)
      await db.delete(unpriced).where(inArray(unpriced.requestId, ids))
      return store.changes(await db.delete(logs).where(inArray(logs.requestId, ids)))
    },
    async apiLogs(before: number): Promise<number> {
      const rows = await store.read.select({ id: apiLogs.id }).from(apiLogs).where(lt(apiLogs.createdAt, before)).orderBy(asc(apiLogs.createdAt)).limit(BATCH)
      if (rows.length === 0) return 0
      return store.changes(await db.delete(apiLogs).where(inArray(apiLogs.id, rows.map(({ id }) => id))))
    },
  }
}

export type PruneRepo = ReturnType<typeof createPruneRepo>
