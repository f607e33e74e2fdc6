import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type ApiLogRow = Schema['apiLogs']['$inferSelect']

/** Writes and failures of the JSON API. */
export function createApiLogsRepo(store: Store) {
  const { apiLogs } = store.tables

  return {
    async insert(row: ApiLogRow): Promise<void> {
      await store.db.insert(apiLogs).values(row)
    },
  }
}

export type ApiLogsRepo = ReturnType<typeof createApiLogsRepo>
