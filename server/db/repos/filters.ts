import { lt, sql, type Column, type SQL } from 'drizzle-orm'

/** Caseless "contains", alike on both dialects; wildcards of the searched text are taken literally. */
export function contains(column: Column, text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`
  return sql`lower(${column}) like ${pattern} escape '!'`
}

/** Lists run from new to old by id, which is ordered by time. */
export function olderThan(column: Column, cursor: string | undefined): SQL | undefined {
  return cursor === undefined ? undefined : lt(column, cursor)
}
