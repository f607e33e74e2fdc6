import { desc, eq } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type AccountEventRow = Schema['accountEvents']['$inferSelect']

/** The history of account states. */
export function createAccountEventsRepo(store: Store) {
  const { accountEvents } = store.tables

  return {
    async insert(row: AccountEventRow): Promise<void> {
      await store.db.insert(accountEvents).values(row)
    },
    /** Newest first. */
    list(accountId: string, limit: number): Promise<AccountEventRow[]> {
      return store.read.select().from(accountEvents).where(eq(accountEvents.accountId, accountId))
        .orderBy(desc(accountEvents.at), desc(accountEvents.id)).limit(limit)
    },
  }
}

export type AccountEventsRepo = ReturnType<typeof createAccountEventsRepo>
