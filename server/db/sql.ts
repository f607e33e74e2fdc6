import { sql, type Column, type SQL } from 'drizzle-orm'

/** Sum of a column as a number; 0 of no rows. For sums that may pass 9e15 use {@link totalBig}. */
export const total = (column: Column | SQL): SQL<number> => sql`coalesce(sum(${column}), 0)`.mapWith(Number)

/** Sum of a column, exact at any size; 0 of no rows. Travels as text, because both drivers would round it. */
export const totalBig = (column: Column | SQL): SQL<bigint> => sql`cast(coalesce(sum(${column}), 0) as char)`.mapWith((text: string) => BigInt(text))
