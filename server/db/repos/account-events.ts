import { and, desc, eq, lt, or } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type AccountEventRow = Schema['accountEvents']['$inferSelect']

/** Where a page goes on: the last line of the one before. */
export type EventPosition = Pick<AccountEventRow, 'at' | 'id'>

/** The history of account states. */
export function createAccountEventsRepo(store: Store) {
  const { accountEvents } = store.tables

  return {
    async insert(row: AccountEventRow): Promise<void> {
      await store.db.insert(accountEvents).values(row)
    },
    /** Newest first, from behind `after` on. */
    list(accountId: string, limit: number, after?: EventPosition): Promise<AccountEventRow[]> {
      const older = after && or(lt(accountEvents.at, after.at), and(eq(accountEvents.at, after.at), lt(accountEvents.id, after.id)))
      return store.read.select().from(accountEvents).where(and(eq(accountEvents.accountId, accountId), older))
        .orderBy(desc(accountEvents.at), desc(accountEvents.id)).limit(limit)
    },
  }
}

export type AccountEventsRepo = ReturnType<typeof createAccountEventsRepo>
