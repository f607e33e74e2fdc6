import { asc, gte, lt } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { ChangeKind } from '../../lib/changes'
import { newId } from '../../lib/id'
import type { Store } from '../store'

export type ChangeRow = Schema['changes']['$inferSelect']

/** What changed, for the other instances to poll. */
export function createChangesRepo(store: Store) {
  const { changes } = store.tables
  const { db } = store

  return {
    /** Notes that the row `refId` of `kind` changed at `at` (epoch-ms); answers the id of the note. */
    async append(kind: ChangeKind, refId: string, at: number): Promise<string> {
      const id = newId()
      await db.insert(changes).values({ id, at, kind, refId })
      return id
    },
    /**
     * Everything noted at or after `at`, oldest first. Clocks differ and transactions end out of order, so a poller asks
     * from some seconds before its last look and leaves out the ids it has seen.
     */
    since: (at: number): Promise<ChangeRow[]> =>
      db.select().from(changes).where(gte(changes.at, at)).orderBy(asc(changes.at), asc(changes.id)),
    /** Removes what was noted before `before`; answers how many. */
    async prune(before: number): Promise<number> {
      return store.changes(await db.delete(changes).where(lt(changes.at, before)))
    },
  }
}

export type ChangesRepo = ReturnType<typeof createChangesRepo>
