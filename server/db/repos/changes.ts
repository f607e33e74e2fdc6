import { asc, count, eq, gte, lt, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { ChangeKind } from '../../lib/changes'
import { newId } from '../../lib/id'
import type { Store } from '../store'

export type ChangeRow = Schema['changes']['$inferSelect']

/** What changed, for the other instances to poll. All times are epoch-ms of the database's clock. */
export function createChangesRepo(store: Store) {
  const { changes } = store.tables
  const { db } = store

  return {
    /** Notes that the row `refId` of `kind` changed now; answers the id of the note. */
    async append(kind: ChangeKind, refId: string): Promise<string> {
      const id = newId()
      await db.insert(changes).values({ id, at: store.now, kind, refId })
      return id
    },
    /** The database's clock. */
    async now(): Promise<number> {
      const [row] = await db.select({ now: store.now, none: count() }).from(changes).where(eq(changes.id, ''))
      return row!.now
    },
    /**
     * Everything noted at or after `at`, oldest first. Transactions end out of order, so a poller asks from some seconds
     * before its last look and leaves out the ids it has seen.
     */
    since: (at: number): Promise<ChangeRow[]> =>
      db.select().from(changes).where(gte(changes.at, at)).orderBy(asc(changes.at), asc(changes.id)),
    /** Removes what was noted more than `ms` ago; answers how many. */
    async prune(ms: number): Promise<number> {
      return store.changes(await db.delete(changes).where(lt(changes.at, sql`${store.now} - ${ms}`)))
    },
  }
}

export type ChangesRepo = ReturnType<typeof createChangesRepo>
