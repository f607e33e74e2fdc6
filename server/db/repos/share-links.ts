import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type ShareLinkRow = Schema['shareLinks']['$inferSelect']

/** Links that show a key's use, by the hash of their token. Revoked ones stay as rows and are never returned. */
export function createShareLinksRepo(store: Store) {
  const { shareLinks } = store.tables
  const { db } = store
  const living = isNull(shareLinks.revokedAt)
  const first = async (where: ReturnType<typeof and>) => (await db.select().from(shareLinks).where(where).limit(1)).at(0) ?? null

  return {
    get: (id: string): Promise<ShareLinkRow | null> => first(and(eq(shareLinks.id, id), living)),
    findByHash: (hash: string): Promise<ShareLinkRow | null> => first(and(eq(shareLinks.tokenHash, hash), living)),
    /** Of one key, the oldest first. */
    ofKey: (keyId: string): Promise<ShareLinkRow[]> => db.select().from(shareLinks).where(and(eq(shareLinks.keyId, keyId), living)).orderBy(shareLinks.id),
    async countOfKey(keyId: string): Promise<number> {
      const rows = await db.select({ count: sql`count(*)`.mapWith(Number) }).from(shareLinks).where(and(eq(shareLinks.keyId, keyId), living))
      return rows[0]?.count ?? 0
    },
    async insert(row: ShareLinkRow): Promise<void> {
      await db.insert(shareLinks).values(row)
    },
    async touch(id: string, at: number): Promise<void> {
      await db.update(shareLinks).set({ lastUsedAt: at }).where(eq(shareLinks.id, id))
    },
    async revoke(id: string, at: number): Promise<void> {
      await db.update(shareLinks).set({ revokedAt: at }).where(and(eq(shareLinks.id, id), living))
    },
  }
}

export type ShareLinksRepo = ReturnType<typeof createShareLinksRepo>
