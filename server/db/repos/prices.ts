import { and, desc, eq, inArray, isNull, ne } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type PriceRow = Schema['prices']['$inferSelect']
export type NewPrice = Schema['prices']['$inferInsert']

const MODELS_PER_STATEMENT = 200

/** Prices by model, with their whole history. A row is never changed, only ended. */
export function createPricesRepo(store: Store) {
  const { prices } = store.tables
  const { db, read } = store
  const inForce = and(isNull(prices.deletedAt), ne(prices.kind, 'builtin'))

  return {
    /** Own prices in force, oldest first: where two came at the same time, the last of a model counts. */
    inForce: (): Promise<PriceRow[]> => db.select().from(prices).where(inForce).orderBy(prices.id),
    async get(id: string): Promise<PriceRow | null> {
      return (await db.select().from(prices).where(and(eq(prices.id, id), inForce)).limit(1)).at(0) ?? null
    },
    /** Puts each row in the place of what its model had, all or nothing. */
    async put(rows: readonly NewPrice[], { at, by }: { at: number, by: string | null }): Promise<void> {
      const models = rows.map(({ model }) => model).sort()
      await store.tx(async (tx) => {
        for (let from = 0; from < models.length; from += MODELS_PER_STATEMENT) {
          await tx.update(prices).set({ deletedAt: at, deletedBy: by }).where(and(inForce, inArray(prices.model, models.slice(from, from + MODELS_PER_STATEMENT))))
        }
        await store.insertMany(prices, [...rows])
      })
    },
    /** Ends the own prices of a model; false when there was none. */
    async end(model: string, { at, by }: { at: number, by: string }): Promise<boolean> {
      return store.changes(await db.update(prices).set({ deletedAt: at, deletedBy: by }).where(and(inForce, eq(prices.model, model)))) > 0
    },
    /** Everything that a model or pattern ever had, built-in prices included, newest first. */
    history: (model: string, limit: number): Promise<PriceRow[]> =>
      read.select().from(prices).where(eq(prices.model, model)).orderBy(desc(prices.createdAt), desc(prices.id)).limit(limit),
    /** What rows of this price version were priced by: one row of an own price, every model of a built-in list. */
    byVersion: (version: string): Promise<PriceRow[]> =>
      read.select().from(prices).where(eq(prices.version, version)).orderBy(prices.model),
    /** Keeps a built-in list for later, unless it is there, and ends the one before. Ids are made from version and model, so that two instances write the same. */
    async keep(rows: readonly NewPrice[]): Promise<void> {
      const [first] = rows
      if (!first || (await db.select({ id: prices.id }).from(prices).where(eq(prices.version, first.version))).length === rows.length) return
      const before = and(eq(prices.kind, 'builtin'), ne(prices.version, first.version), isNull(prices.deletedAt))
      await store.tx(async (tx) => {
        await tx.update(prices).set({ deletedAt: first.createdAt }).where(before)
        for (const row of rows) await store.insertIgnore(tx, prices, row)
      })
    },
  }
}

export type PricesRepo = ReturnType<typeof createPricesRepo>
