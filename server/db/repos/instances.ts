import { and, eq, gte, isNull, lt, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type InstanceRow = Schema['instances']['$inferSelect']

/** The processes of this installation. When each was last alive is epoch-ms of the database's clock. */
export function createInstancesRepo(store: Store) {
  const { instances } = store.tables
  const { db } = store
  const ago = (ms: number) => sql<number>`${store.now} - ${ms}`

  async function heartbeat(id: string): Promise<boolean> {
    return store.changes(await db.update(instances).set({ heartbeatAt: store.now }).where(eq(instances.id, id))) > 0
  }

  return {
    /** Enters a process, or the same one anew after its row was lost. */
    async register(row: Omit<InstanceRow, 'heartbeatAt' | 'stoppedAt'>): Promise<void> {
      await store.upsert(db, instances, { ...row, heartbeatAt: row.startedAt, stoppedAt: null }, [instances.id], {
        host: store.incoming(instances.host),
        pid: store.incoming(instances.pid),
        version: store.incoming(instances.version),
        startedAt: store.incoming(instances.startedAt),
        stoppedAt: store.incoming(instances.stoppedAt),
      })
      await heartbeat(row.id)
    },
    /** False when the row is gone: register again. */
    heartbeat,
    /** The process has ended in good order. */
    async stop(id: string): Promise<void> {
      await db.update(instances).set({ stoppedAt: store.now }).where(eq(instances.id, id))
    },
    async get(id: string): Promise<InstanceRow | null> {
      return (await db.select().from(instances).where(eq(instances.id, id)).limit(1)).at(0) ?? null
    },
    all: (): Promise<InstanceRow[]> => db.select().from(instances),
    /** Not stopped and heard of within the last `ms`, the oldest process first. */
    alive: (ms: number): Promise<InstanceRow[]> =>
      db.select().from(instances).where(and(isNull(instances.stoppedAt), gte(instances.heartbeatAt, ago(ms)))).orderBy(instances.id),
    /** Forgets processes not heard of for `ms`; answers how many. */
    async prune(ms: number): Promise<number> {
      return store.changes(await db.delete(instances).where(lt(instances.heartbeatAt, ago(ms))))
    },
  }
}

export type InstancesRepo = ReturnType<typeof createInstancesRepo>
