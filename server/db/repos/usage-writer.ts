import { sql, type Column, type SQL } from 'drizzle-orm'
import { rollUp, sumKeys, type Counted, type RollUps, type SumKey } from '../../billing/rollups'
import type { Db, Store } from '../store'

const ROWS_PER_STATEMENT = 100

/** Writes roll-ups. Only amounts are added, never set, so that concurrent bookings never undo each other. */
export function createUsageWriter(store: Store) {
  const { usageHourly, usageDaily, usageSessions } = store.tables

  const added = (table: Record<SumKey, Column>) =>
    Object.fromEntries(sumKeys.map(name => [name, sql`${table[name]} + ${store.incoming(table[name])}`])) as Record<SumKey, SQL>
  const outer = (column: Column, sign: SQL) => sql`case when ${store.incoming(column)} ${sign} ${column} then ${store.incoming(column)} else ${column} end`
  const [toHourly, toDaily] = [added(usageHourly), added(usageDaily)]
  const toSession = { ...added(usageSessions), firstAt: outer(usageSessions.firstAt, sql`<`), lastAt: outer(usageSessions.lastAt, sql`>`) }

  /** Adds the amounts to their buckets; call it in the transaction that changes the rows they come from. */
  async function add(tx: Db, { hourly, daily, sessions }: RollUps): Promise<void> {
    for (const some of chunks(hourly)) {
      await store.upsert(tx, usageHourly, some, [usageHourly.hour, usageHourly.userId, usageHourly.apiKeyId, usageHourly.accountId, usageHourly.model], toHourly)
    }
    for (const some of chunks(daily)) {
      await store.upsert(tx, usageDaily, some, [usageDaily.scope, usageDaily.scopeId, usageDaily.day], toDaily)
    }
    for (const some of chunks(sessions)) {
      await store.upsert(tx, usageSessions, some, [usageSessions.apiKeyId, usageSessions.sessionId, usageSessions.agentId], toSession)
    }
  }

  return {
    add,
    /**
     * Books the difference that replacing the log rows `removed` by `added` makes, in the transaction that replaces them:
     * a late row has only `added`, a row whose price or usage changed stands in both, as it is now and as it was.
     */
    book: (tx: Db, rows: { added: readonly Counted[], removed: readonly Counted[] }, timeZone: string): Promise<void> =>
      add(tx, rollUp(rows.added, rows.removed, timeZone)),
  }
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += ROWS_PER_STATEMENT) yield items.slice(at, at + ROWS_PER_STATEMENT)
}
