import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/mysql-proxy'
import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise'
import * as tables from '../../drizzle/schema.mysql'
import type { Schema } from '../../drizzle/schema/index'
import { StoreError, toStoreError } from './errors'
import { insertPlan, nameOf } from './insert-many'
import { applyMigrations, type Migration } from './migrate'
import { ensureDatabase, mysqlTarget, openPool } from './mysql-pool'
import type { OpenStore } from './open-store'
import type { Db, Store } from './store'

const writers = 8
const readers = 4
const maxAttempts = 10
/** Keeps a statement far below the smallest usual `max_allowed_packet`. */
const maxRowsPerInsert = 100
const pingTimeoutMs = 5_000
const migrationLockSeconds = 120

interface Transaction {
  connection: PoolConnection
  ended: boolean
  /** A conflict: the server has rolled back, so nothing more may run. */
  broken: StoreError | null
}

/** Connects to `mysql://…`, making the database when it is missing and may be made. Throws a StoreError that names the server. */
export async function openMysql(url: string): Promise<OpenStore> {
  const target = mysqlTarget(url)
  await ensureDatabase(target)
  const pool = openPool(target, writers)
  const readPool = openPool(target, readers)
  const scope = new AsyncLocalStorage<Transaction>()
  const current = () => {
    const open = scope.getStore()
    return open && !open.ended ? open : null
  }
  const run: Run = (text, params, asArray) => {
    const transaction = current()
    return transaction ? queryInside(transaction, text, params, asArray) : query(pool, text, params, asArray)
  }
  const db = open(run)
  const tx: Store['tx'] = fn => current() ? fn(db) : repeated(() => once(fn))

  async function once<T>(fn: (db: Db) => Promise<T>): Promise<T> {
    const transaction: Transaction = { connection: await connect(pool), ended: false, broken: null }
    try {
      await query(transaction.connection, 'start transaction')
      const result = await scope.run(transaction, () => fn(db))
      if (transaction.broken) throw transaction.broken
      await query(transaction.connection, 'commit')
      transaction.connection.release()
      return result
    }
    catch (error) {
      await abandon(transaction.connection)
      throw error
    }
    finally {
      transaction.ended = true
    }
  }

  return {
    dialect: 'mysql',
    tables: tables as unknown as Schema,
    db,
    read: open((text, params, asArray) => query(readPool, text, params, asArray)),
    tx,
    upsert: async (on, table, values, _target, set) => {
      await mysqlInsert(on.insert(table).values(values as never)).onDuplicateKeyUpdate({ set })
    },
    insertMany: async (table, rows) => {
      const { head, row, values } = insertPlan(table, '`')
      const insert = (some: typeof rows) => run(head + some.map(() => row).join(', '), some.flatMap(values), false)
      if (rows.length > maxRowsPerInsert) {
        await tx(async () => {
          for (let at = 0; at < rows.length; at += maxRowsPerInsert) await insert(rows.slice(at, at + maxRowsPerInsert))
        })
      }
      else if (rows.length > 0) await insert(rows)
    },
    insertIgnore: async (on, table, values) => {
      try {
        await on.insert(table).values(values as never)
        return true
      }
      catch (error) {
        if (error instanceof StoreError && error.kind === 'duplicate') return false
        throw error
      }
    },
    now: sql<number>`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`.mapWith(Number),
    incoming: column => sql`values(${sql.identifier(nameOf(column))})`,
    changes: result => (result as [ResultSetHeader])[0].affectedRows,
    ping: async () => {
      await Promise.all([pool, readPool].map(each => each.query({ sql: 'select 1', timeout: pingTimeoutMs }).catch(rethrow)))
    },
    migrate: list => migrate(pool, target.database, list),
    close: async () => {
      await Promise.all([pool.end(), readPool.end()])
    },
  }
}

type Run = (text: string, params: unknown[], rowsAsArray: boolean) => Promise<unknown>

function open(run: Run): Db {
  return drizzle(async (text, params, method) => {
    const rows = await run(text, params, method === 'all')
    return { rows: method === 'all' ? rows as unknown[] : [rows] }
  }, { casing: 'snake_case' }) as unknown as Db
}

async function query(on: Pool | PoolConnection, text: string, values: unknown[] = [], rowsAsArray = false): Promise<unknown> {
  const [rows] = await on.query({ sql: text, values, rowsAsArray }).catch(rethrow)
  return rows
}

/** Rows read inside a transaction are locked, so that read, decide, write is as safe as on SQLite's single writer. */
async function queryInside(transaction: Transaction, text: string, params: unknown[], rowsAsArray: boolean): Promise<unknown> {
  if (transaction.broken) throw transaction.broken
  try {
    return await query(transaction.connection, /^\s*select\b/i.test(text) ? `${text} for update` : text, params, rowsAsArray)
  }
  catch (error) {
    if (error instanceof StoreError && error.kind === 'conflict') transaction.broken = error
    throw error
  }
}

const rethrow = (error: unknown): never => {
  throw toStoreError(error)
}

const connect = (pool: Pool) => pool.getConnection().catch(rethrow)

/** Rolls back and gives the connection back; one that cannot even do that is thrown away, and the server rolls back. */
async function abandon(connection: PoolConnection): Promise<void> {
  try {
    await connection.query('rollback')
    connection.release()
  }
  catch {
    connection.destroy()
  }
}

/** Repeats on deadlock and lock wait time-out, after a random pause that grows to 400 ms. */
async function repeated<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    }
    catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'conflict' || tried === maxAttempts) throw error
      await delay(Math.random() * Math.min(400, 5 * 2 ** tried))
    }
  }
}

/** Changes of tables are not transactional on MySQL, so a named lock of this connection lets one process at a time do them. */
async function migrate(pool: Pool, database: string, list: Migration[]): Promise<void> {
  const connection = await connect(pool)
  const name = `relay_migrate_${createHash('sha256').update(database).digest('hex').slice(0, 32)}`
  try {
    const [row] = await query(connection, 'select get_lock(?, ?)', [name, migrationLockSeconds], true) as unknown[][]
    if (row?.[0] !== 1) throw new StoreError('Another process has been migrating the database for too long', 'conflict', 'STORE_MIGRATING')
    await applyMigrations(list, async (text, params) => await query(connection, text, params, true) as unknown[][])
    await query(connection, 'do release_lock(?)', [name])
    connection.release()
  }
  catch (error) {
    // Ends the session, and with it the lock.
    connection.destroy()
    throw error
  }
}

const mysqlInsert = (insert: unknown) => insert as { onDuplicateKeyUpdate(config: { set: unknown }): Promise<unknown> }
