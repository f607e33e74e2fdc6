import { sql, type Column, type SQL } from 'drizzle-orm'

/** Caseless "contains", alike on both dialects; wildcards of the searched text are taken literally. */
export function contains(column: Column, text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`
  return sql`lower(${column}) like ${pattern} escape '!'`
}
