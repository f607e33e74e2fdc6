import { asc, count, eq, inArray, max, min } from 'drizzle-orm'
import { total } from '../sql'
import type { Store } from '../store'
import type { LogRow } from './logs'
import { createUsageWriter } from './usage-writer'

/** A model that no price is known for, and what waits for one. Times are epoch-ms of the settling. */
export interface WaitingModel {
  model: string
  rows: number
  tokens: number
  firstAt: number
  lastAt: number
}

/** What pricing changes in a log row. */
export type PricedColumns = Pick<LogRow, 'priceVersion' | 'costParts' | 'costNano' | 'billedNano'>

/** A row that got its price, and by how much its cost grew. */
export interface RepricedRow extends Pick<LogRow, 'requestId' | 'createdAt' | 'userId' | 'apiKeyId' | 'accountId' | 'groupId' | 'model'> {
  costNano: number
  billedNano: number
}

/** Log rows without a price, by the name that is looked up in the price book. */
export function createUnpricedRepo(store: Store) {
  const { unpriced, logs } = store.tables
  const usage = createUsageWriter(store)

  return {
    async waiting(): Promise<WaitingModel[]> {
      const rows = await store.read.select({ model: unpriced.model, rows: count(), tokens: total(unpriced.tokens), firstAt: min(unpriced.createdAt), lastAt: max(unpriced.createdAt) })
        .from(unpriced).groupBy(unpriced.model).orderBy(asc(unpriced.model))
      return rows.map(({ firstAt, lastAt, ...row }) => ({ ...row, firstAt: firstAt ?? 0, lastAt: lastAt ?? 0 }))
    },

    /**
     * Prices up to `limit` waiting rows of a model, and adds the difference to the roll-ups, all or nothing: a row that is priced waits
     * no longer, so nothing is added twice. Null when none is left; `price` gives null for a row that must go on waiting.
     */
    reprice({ model, limit, at, timeZone, price }: { model: string, limit: number, at: number, timeZone: string, price: (row: LogRow) => PricedColumns | null }): Promise<RepricedRow[] | null> {
      return store.tx(async (tx) => {
        const waiting = await tx.select({ id: unpriced.requestId }).from(unpriced).where(eq(unpriced.model, model)).orderBy(asc(unpriced.requestId)).limit(limit)
        if (waiting.length === 0) return null
        const before = await tx.select().from(logs).where(inArray(logs.requestId, waiting.map(({ id }) => id)))
        const priced: { old: LogRow, row: LogRow }[] = []
        const still = new Set<string>()
        for (const old of before) {
          const columns = price(old)
          if (columns) priced.push({ old, row: { ...old, ...columns, priced: true, priceVersionBefore: old.priceVersion, repricedAt: at } })
          else still.add(old.requestId)
        }
        const done = waiting.map(({ id }) => id).filter(id => !still.has(id))
        if (done.length === 0) return null
        if (priced.length > 0) await tx.delete(logs).where(inArray(logs.requestId, priced.map(({ row }) => row.requestId)))
        await store.insertMany(logs, priced.map(({ row }) => row))
        await usage.book(tx, { added: priced.map(({ row }) => row), removed: priced.map(({ old }) => old) }, timeZone)
        await tx.delete(unpriced).where(inArray(unpriced.requestId, done))
        return priced.map(({ old, row }) => difference(old, row))
      })
    },
  }
}

export type UnpricedRepo = ReturnType<typeof createUnpricedRepo>

function difference(old: LogRow, { requestId, createdAt, userId, apiKeyId, accountId, groupId, model, costNano, billedNano }: LogRow): RepricedRow {
  return { requestId, createdAt, userId, apiKeyId, accountId, groupId, model, costNano: costNano - old.costNano, billedNano: billedNano - old.billedNano }
}
