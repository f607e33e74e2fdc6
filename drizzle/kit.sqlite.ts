import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/**
 * The SQLite side of the column seam. Its type is the one the whole application sees: every helper
 * gives the same JavaScript value on both dialects.
 */
export const sqliteKit = {
  table: sqliteTable,
  index,
  uniqueIndex,
  primaryKey,
  /** App-made id, hash or other ASCII token; compared byte by byte. */
  id: (_length = 40) => text(),
  /** Unicode text of limited length; compared byte by byte (keep a folded twin for caseless look-ups). */
  name: (_length = 100) => text(),
  /** Unlimited text, also the home of JSON (parsed by zod on read). */
  text: () => text(),
  int: () => integer(),
  /** 64-bit integer within JavaScript's safe range: money in nano-USD, token counts. */
  big: () => integer(),
  /** Epoch milliseconds. */
  time: () => integer(),
  flag: () => integer({ mode: 'boolean' }),
}

export type Kit = typeof sqliteKit
