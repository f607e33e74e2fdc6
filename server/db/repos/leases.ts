import { and, eq, gt, lte, or, sql } from 'drizzle-orm'
import type { Store } from '../store'

/** Locks with an end, for installations without Redis. One holder per name; ends go by the database's clock. */
export function createLeasesRepo(store: Store) {
  const { leases } = store.tables
  const { db } = store
  const end = (ttlMs: number) => sql<number>`${store.now} + ${ttlMs}`

  async function take(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const free = or(eq(leases.holder, holder), lte(leases.expiresAt, store.now))
    const taken = await db.update(leases).set({ holder, expiresAt: end(ttlMs) }).where(and(eq(leases.name, name), free))
    return store.changes(taken) > 0
  }

  return {
    /** True when `holder` has the lease now: it was free, run out, or its own already. */
    async acquire(name: string, holder: string, ttlMs: number): Promise<boolean> {
      if (await take(name, holder, ttlMs)) return true
      // A new one begins as run out, for whoever takes it first.
      return await store.insertIgnore(db, leases, { name, holder, expiresAt: 0 }) && take(name, holder, ttlMs)
    },
    /** Prolongs the lease; false when it has run out or is somebody else's. */
    async renew(name: string, holder: string, ttlMs: number): Promise<boolean> {
      const mine = and(eq(leases.name, name), eq(leases.holder, holder), gt(leases.expiresAt, store.now))
      return store.changes(await db.update(leases).set({ expiresAt: end(ttlMs) }).where(mine)) > 0
    },
    /** Gives the lease back, if it is still the holder's. */
    async release(name: string, holder: string): Promise<void> {
      await db.delete(leases).where(and(eq(leases.name, name), eq(leases.holder, holder)))
    },
  }
}

export type LeasesRepo = ReturnType<typeof createLeasesRepo>
