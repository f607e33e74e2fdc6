import { and, eq, gt, lte, or } from 'drizzle-orm'
import type { Store } from '../store'

/** Locks with an end, for installations without Redis. One holder per name; times are epoch-ms of the callers' clocks. */
export function createLeasesRepo(store: Store) {
  const { leases } = store.tables
  const { db } = store

  return {
    /** True when `holder` has the lease now: it was free, run out, or its own already. */
    async acquire(name: string, holder: string, now: number, ttlMs: number): Promise<boolean> {
      const expiresAt = now + ttlMs
      const free = or(eq(leases.holder, holder), lte(leases.expiresAt, now))
      const taken = await db.update(leases).set({ holder, expiresAt }).where(and(eq(leases.name, name), free))
      return store.changes(taken) > 0 || store.insertIgnore(db, leases, { name, holder, expiresAt })
    },
    /** Prolongs the lease; false when it has run out or is somebody else's. */
    async renew(name: string, holder: string, now: number, ttlMs: number): Promise<boolean> {
      const mine = and(eq(leases.name, name), eq(leases.holder, holder), gt(leases.expiresAt, now))
      return store.changes(await db.update(leases).set({ expiresAt: now + ttlMs }).where(mine)) > 0
    },
    /** Gives the lease back, if it is still the holder's. */
    async release(name: string, holder: string): Promise<void> {
      await db.delete(leases).where(and(eq(leases.name, name), eq(leases.holder, holder)))
    },
  }
}

export type LeasesRepo = ReturnType<typeof createLeasesRepo>
