import { and, desc, gte, lt, lte, or, type Column, type SQL } from 'drizzle-orm'

/** Lists run from new to old by time; rows of the same millisecond by their id. `at` is epoch-ms. */
export interface TimePosition { at: number, id: string }

/** Where a page goes on; null when the text is no cursor. */
export function readTimeCursor(text: string): TimePosition | null {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text) ?? []
  return at && id ? { at: Number(at), id } : null
}

/** One page out of `limit + 1` rows. */
export function timePageOf<T>(rows: T[], limit: number, position: (row: T) => TimePosition): { items: T[], nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const { at, id } = rows.length > limit ? position(items.at(-1)!) : {}
  return { items, nextCursor: at === undefined ? null : `${at}.${id}` }
}

/** The condition of a page after `position`: the first half is what an index can follow, the second tells rows of the same millisecond apart. */
export const afterPosition = (at: Column, id: Column, position: TimePosition | null): SQL | undefined =>
  position ? and(lte(at, position.at), or(lt(at, position.at), lt(id, position.id))) : undefined

/** `from` inclusive, `to` exclusive, epoch-ms. */
export const withinTime = (at: Column, { from, to }: { from?: number, to?: number }): SQL | undefined =>
  and(from === undefined ? undefined : gte(at, from), to === undefined ? undefined : lt(at, to))

export const newestFirst = (at: Column, id: Column): [SQL, SQL] => [desc(at), desc(id)]
