import { and, desc, eq, gt, lte } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type SessionRow = Schema['sessions']['$inferSelect']

/** Who is signed in. The id is the hash of the token inside the cookie. */
export function createSessionsRepo(store: Store) {
  const { sessions } = store.tables
  const { db } = store

  return {
    async insert(row: SessionRow): Promise<void> {
      await db.insert(sessions).values(row)
    },
    async get(id: string): Promise<SessionRow | null> {
      return (await db.select().from(sessions).where(eq(sessions.id, id)).limit(1)).at(0) ?? null
    },
    /** Those of a user that have not expired, the one last used first. */
    ofUser: (userId: string, now: number): Promise<SessionRow[]> =>
      db.select().from(sessions).where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now))).orderBy(desc(sessions.lastSeenAt), desc(sessions.id)),
    async touch(id: string, at: number): Promise<void> {
      await db.update(sessions).set({ lastSeenAt: at }).where(eq(sessions.id, id))
    },
    async remove(id: string): Promise<void> {
      await db.delete(sessions).where(eq(sessions.id, id))
    },
    /** False when the user has no such session. */
    async removeOwn(userId: string, id: string): Promise<boolean> {
      return store.changes(await db.delete(sessions).where(and(eq(sessions.id, id), eq(sessions.userId, userId)))) > 0
    },
    async removeOfUser(userId: string): Promise<void> {
      await db.delete(sessions).where(eq(sessions.userId, userId))
    },
    async removeExpired(now: number): Promise<number> {
      return store.changes(await db.delete(sessions).where(lte(sessions.expiresAt, now)))
    },
  }
}

export type SessionsRepo = ReturnType<typeof createSessionsRepo>
