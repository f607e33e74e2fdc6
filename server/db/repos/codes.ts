import { and, eq, gt, isNull, lt, lte, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type CodeRow = Schema['codes']['$inferSelect']

/** Codes that went out by mail, as hashes. */
export function createCodesRepo(store: Store) {
  const { codes } = store.tables
  const { db } = store
  const usable = (id: string, now: number) => and(eq(codes.id, id), isNull(codes.usedAt), gt(codes.expiresAt, now))

  return {
    async insert(row: CodeRow): Promise<void> {
      await db.insert(codes).values(row)
    },
    /** Counts an attempt, before it is looked at; null when the code is unknown, used, run out, or had `max` attempts. */
    async attempt(id: string, max: number, now: number): Promise<CodeRow | null> {
      const counted = await db.update(codes).set({ attempts: sql`${codes.attempts} + 1` }).where(and(usable(id, now), lt(codes.attempts, max)))
      if (store.changes(counted) === 0) return null
      return (await db.select().from(codes).where(eq(codes.id, id)).limit(1)).at(0) ?? null
    },
    /** The attempt was right. */
    async takeBack(id: string): Promise<void> {
      await db.update(codes).set({ attempts: sql`${codes.attempts} - 1` }).where(eq(codes.id, id))
    },
    /** True for the one who uses the code first. */
    async use(id: string, now: number): Promise<boolean> {
      return store.changes(await db.update(codes).set({ usedAt: now }).where(usable(id, now))) > 0
    },
    async removeOfUser(userId: string): Promise<void> {
      await db.delete(codes).where(eq(codes.userId, userId))
    },
    async removeExpired(now: number): Promise<number> {
      return store.changes(await db.delete(codes).where(lte(codes.expiresAt, now)))
    },
  }
}

export type CodesRepo = ReturnType<typeof createCodesRepo>
