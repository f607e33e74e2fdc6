import { getTableColumns, getTableName, type Column, type Table } from 'drizzle-orm'
import { toSnakeCase } from 'drizzle-orm/casing'

/** The column's name in the database. */
export const nameOf = (column: Column) => column.keyAsName ? toSnakeCase(column.name) : column.name

/** An insert of whole rows, worked out once per table: the query builder takes ten times as long for each row. */
export interface InsertPlan {
  /** `insert into … values `, to be followed by rows of placeholders. */
  head: string
  /** `(?, ?, …)` */
  row: string
  /** The row's values in the order of the placeholders, as the driver takes them. */
  values(row: Record<string, unknown>): unknown[]
}

const plans = new WeakMap<Table, InsertPlan>()

/** `quote` is the dialect's sign around names. */
export function insertPlan(table: Table, quote: '"' | '`'): InsertPlan {
  const known = plans.get(table)
  if (known) return known
  const columns = Object.entries(getTableColumns(table))
  const quoted = (name: string) => `${quote}${name}${quote}`
  const plan: InsertPlan = {
    head: `insert into ${quoted(getTableName(table))} (${columns.map(([, column]) => quoted(nameOf(column))).join(', ')}) values `,
    row: `(${columns.map(() => '?').join(', ')})`,
    values: row => columns.map(([key, column]) => {
      const value = row[key] === undefined ? column.default ?? null : row[key]
      return value === null ? null : column.mapToDriverValue(value)
    }),
  }
  plans.set(table, plan)
  return plan
}
