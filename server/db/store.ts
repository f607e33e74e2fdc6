import type { Column, SQL } from 'drizzle-orm'
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Schema } from '../../drizzle/schema/index'

/** What both dialects share of drizzle's builder; anything else goes through a Store method. */
export type Db = Pick<SqliteRemoteDatabase<Schema>, 'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | '$count'>

/** One database of either dialect. Repos are written once over it. */
export interface Store {
  readonly dialect: 'sqlite' | 'mysql'
  readonly tables: Schema
  /** Reads and writes that must see each other. Inside `tx` it belongs to the transaction. */
  readonly db: Db
  /** Page queries: a connection of their own, so that a slow list never delays the ledger. Never part of a transaction. */
  readonly read: Db
  /**
   * SQLite: one at a time, BEGIN IMMEDIATE. MySQL: READ COMMITTED, rows that `fn` selects are locked (FOR UPDATE; a row that
   * does not exist yet is guarded by unique indexes only), retried on deadlock and lock wait time-out, so `fn` must be
   * repeatable. A `tx` inside a `tx` joins it.
   */
  tx<T>(fn: (db: Db) => Promise<T>): Promise<T>
  upsert<T extends SQLiteTable>(db: Db, table: T, values: T['$inferInsert'] | T['$inferInsert'][], target: Column[], set: Partial<Record<keyof T['$inferInsert'] & string, SQL>>): Promise<void>
  /** All rows or none, much cheaper than `insert` for many of them. Belongs to the transaction it is called in. */
  insertMany<T extends SQLiteTable>(table: T, rows: T['$inferInsert'][]): Promise<void>
  /** True when the row was new, false when a unique index has it already. */
  insertIgnore<T extends SQLiteTable>(db: Db, table: T, values: T['$inferInsert']): Promise<boolean>
  /** Epoch-ms of the database's clock when the statement runs: instances whose own clocks differ agree on it. */
  readonly now: SQL<number>
  /** In an upsert's `set`: the value that the insert brought. */
  incoming(column: Column): SQL
  /** Rows that an insert, update or delete touched (MySQL: matched, not changed, rows). */
  changes(result: unknown): number
  ping(): Promise<void>
  close(): Promise<void>
}
