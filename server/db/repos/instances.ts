import { and, eq, gte, isNull, lt } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type InstanceRow = Schema['instances']['$inferSelect']

/** The processes of this installation and when each was last alive. Times are epoch-ms. */
export function createInstancesRepo(store: Store) {
  const { instances } = store.tables
  const { db } = store

  return {
    /** Enters a process, or the same one anew after its row was lost. */
    async register(row: Omit<InstanceRow, 'heartbeatAt' | 'stoppedAt'>): Promise<void> {
      await store.upsert(db, instances, { ...row, heartbeatAt: row.startedAt, stoppedAt: null }, [instances.id], {
        host: store.incoming(instances.host),
        pid: store.incoming(instances.pid),
        version: store.incoming(instances.version),
        startedAt: store.incoming(instances.startedAt),
        heartbeatAt: store.incoming(instances.heartbeatAt),
        stoppedAt: store.incoming(instances.stoppedAt),
      })
    },
    /** False when the row is gone: register again. */
    async heartbeat(id: string, at: number): Promise<boolean> {
      return store.changes(await db.update(instances).set({ heartbeatAt: at }).where(eq(instances.id, id))) > 0
    },
    async stop(id: string, at: number): Promise<void> {
      await db.update(instances).set({ stoppedAt: at }).where(eq(instances.id, id))
    },
    async get(id: string): Promise<InstanceRow | null> {
      return (await db.select().from(instances).where(eq(instances.id, id)).limit(1)).at(0) ?? null
    },
    all: (): Promise<InstanceRow[]> => db.select().from(instances),
    /** Not stopped and heard of at or after `since`. */
    alive: (since: number): Promise<InstanceRow[]> =>
      db.select().from(instances).where(and(isNull(instances.stoppedAt), gte(instances.heartbeatAt, since))),
    /** Forgets processes last heard of before `before`; answers how many. */
    async prune(before: number): Promise<number> {
      return store.changes(await db.delete(instances).where(lt(instances.heartbeatAt, before)))
    },
  }
}

export type InstancesRepo = ReturnType<typeof createInstancesRepo>
