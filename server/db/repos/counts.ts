import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Store } from '../store'

export interface KeyCounts {
  total: number
  enabled: number
  /** Keys that were used at least once. */
  used: number
}

/** How much of everything there is. Deleted rows do not count. */
export function createCountsRepo(store: Store) {
  const { users, apiKeys } = store.tables
  const { read } = store
  const count = sql`count(*)`.mapWith(Number)
  const where = (condition: ReturnType<typeof sql>) => sql`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`.mapWith(Number)

  return {
    async users(): Promise<number> {
      const rows = await read.select({ count }).from(users).where(isNull(users.deletedAt))
      return rows[0]?.count ?? 0
    },
    /** Of one owner, or of all. */
    async keys(ownerId: string | undefined): Promise<KeyCounts> {
      const rows = await read.select({ total: count, enabled: where(sql`${apiKeys.enabled} = 1`), used: where(sql`${apiKeys.lastUsedAt} is not null`) })
        .from(apiKeys).where(and(isNull(apiKeys.deletedAt), ownerId === undefined ? undefined : eq(apiKeys.ownerId, ownerId)))
      return rows[0] ?? { total: 0, enabled: 0, used: 0 }
    },
  }
}

export type CountsRepo = ReturnType<typeof createCountsRepo>
