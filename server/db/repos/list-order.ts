import { and, asc, desc, eq, gt, isNull, lt, or, sql, type Column, type SQL } from 'drizzle-orm'
import { NEWEST_FIRST } from '../../../shared/schemas/common'
import { invalidField } from '../../lib/errors'

/** What a list can be sorted by. `id`: the order in which rows were made. */
export type SortColumn = 'id' | { kind: 'text' | 'number', value: SQL<unknown> }

/** By the API's names. */
export type SortColumns = Readonly<Record<string, SortColumn>>

export interface ListPage {
  /** A name of the columns, with `-` from its largest value; newest first when left out. */
  sort?: string
  /** `nextCursor` of the page before. */
  cursor?: string
  limit: number
}

export interface Page<Row> {
  rows: Row[]
  /** Null at the end. */
  nextCursor: string | null
}

interface Position { id: string, value: string | number | null }

/** Text without regard to case. */
export const byText = (column: Column | SQL): SortColumn => ({ kind: 'text', value: sql`lower(${column})` })
/** Numbers, times and flags. The nesting keeps the columns of a subquery apart from those around it. */
export const byNumber = (column: Column | SQL): SortColumn => ({ kind: 'number', value: sql`(${sql`${column}`})`.mapWith(Number) })

/**
 * The one rule of a sorted list with cursors. Rows without a value come last in both directions; those with the same value are told
 * apart by their id, so that pages neither repeat nor miss a row. The cursor holds the value and the id of the last row.
 * Throws `validation` for a cursor of another order.
 */
export function listOrder(id: Column, columns: SortColumns, { sort = NEWEST_FIRST, cursor, limit }: ListPage) {
  const down = sort.startsWith('-')
  const column = columns[down ? sort.slice(1) : sort]
  if (!column) throw invalidField('sort', 'errors.invalid')
  const from = cursor === undefined ? null : readCursor(cursor, sort, column)
  const [beyond, ordered] = down ? [lt, desc] : [gt, asc]
  const value = column === 'id' ? sql`${id}` : column.value

  function after({ id: lastId, value: last }: Position): SQL | undefined {
    const later = beyond(id, lastId)
    if (column === 'id') return later
    if (last === null) return and(isNull(value), later)
    return or(beyond(value, last), and(eq(value, last), later), isNull(value))
  }

  return {
    /** To be selected beside each row. */
    value,
    /** Holds for what comes after the page before. */
    after: from ? after(from) : undefined,
    by: column === 'id' ? [ordered(id)] : [sql`case when ${value} is null then 1 else 0 end`, ordered(value), ordered(id)],
    /** How many rows to ask for: one more than the page has. */
    limit: limit + 1,
    page<Row extends { id: string }>(found: { row: Row, value: unknown }[]): Page<Row> {
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      return { rows: shown.map(({ row }) => row), nextCursor: found.length > limit && last ? cursorOf(sort, column, last) : null }
    },
  }
}

function cursorOf(sort: string, column: SortColumn, { row, value }: { row: { id: string }, value: unknown }): string {
  const parts = column === 'id' || value === null ? [] : [Buffer.from(String(value)).toString('base64url')]
  return [sort, row.id, ...parts].join('.')
}

function readCursor(text: string, sort: string, column: SortColumn): Position {
  const [, of, id, encoded] = /^(-?\w+)\.([\w-]{1,40})(?:\.([\w-]*))?$/.exec(text) ?? []
  if (of !== sort || id === undefined) throw invalidField('cursor', 'errors.cursor')
  if (column === 'id' || encoded === undefined) return { id, value: null }
  const plain = Buffer.from(encoded, 'base64url').toString()
  if (column.kind === 'text') return { id, value: plain }
  const number = plain === '' ? Number.NaN : Number(plain)
  if (!Number.isFinite(number)) throw invalidField('cursor', 'errors.cursor')
  return { id, value: number }
}
