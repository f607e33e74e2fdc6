import { and, eq, lte, ne } from 'drizzle-orm'
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
    async touch(id: string, at: number): Promise<void> {
      await db.update(sessions).set({ lastSeenAt: at }).where(eq(sessions.id, id))
    },
    async remove(id: string): Promise<void> {
      await db.delete(sessions).where(eq(sessions.id, id))
    },
    /** Ends all sessions of a user but one. */
    async removeOfUser(userId: string, exceptId: string | null): Promise<void> {
      await db.delete(sessions).where(and(eq(sessions.userId, userId), exceptId === null ? undefined : ne(sessions.id, exceptId)))
    },
    async removeExpired(now: number): Promise<number> {
      return store.changes(await db.delete(sessions).where(lte(sessions.expiresAt, now)))
    },
  }
}

export type SessionsRepo = ReturnType<typeof createSessionsRepo>
