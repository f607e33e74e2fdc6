import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import * as tables from '../../drizzle/schema.sqlite'
import { StoreError } from './errors'
import { insertPlan, nameOf } from './insert-many'
import { applyMigrations } from './migrate'
import type { OpenStore } from './open-store'
import { SqliteConnection } from './sqlite-connection'
import type { Answer, Statement } from './sqlite-protocol'
import type { Db } from './store'
import { TxGate } from './tx-gate'

type Execute = (statement: Statement) => Promise<Answer>

/**
 * Opens (or makes) the file with a writing and a reading connection, each in a thread of its own.
 * Throws a StoreError of kind `in_use` when another process has it open.
 */
export async function openSqlite(given: string, workerUrl: URL): Promise<OpenStore> {
  const file = pathOf(given)
  const writer = await SqliteConnection.open(workerUrl, { file, role: 'writer' })
  const reader = await SqliteConnection.open(workerUrl, { file, role: 'reader' }).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  const gate = new TxGate()
  const write: Execute = statement => gate.pass(() => writer.execute(statement))
  const run = (text: string) => write({ sql: text, params: [], method: 'run' })
  const db = open(write)

  async function tx<T>(fn: (db: Db) => Promise<T>): Promise<T> {
    if (gate.inside) return fn(db)
    return gate.hold(async () => {
      await run('begin immediate')
      try {
        const result = await fn(db)
        await run('commit')
        return result
      }
      catch (error) {
        await run('rollback')
        throw error
      }
    })
  }

  return {
    dialect: 'sqlite',
    tables,
    db,
    read: open(statement => reader.execute(statement)),
    tx,
    upsert: async (on, table, values, target, set) => {
      await on.insert(table).values(values as never).onConflictDoUpdate({ target: target as never, set: set as never })
    },
    insertMany: async (table, rows) => {
      const { head, row, values } = insertPlan(table, '"')
      if (rows.length > 0) await tx(() => write({ sql: head + row, params: rows.map(values), method: 'many' }))
    },
    insertIgnore: async (on, table, values) => changes(await on.insert(table).values(values as never).onConflictDoNothing()) > 0,
    now: sql<number>`cast(round((julianday('now') - 2440587.5) * 86400000) as integer)`.mapWith(Number),
    incoming: column => sql`excluded.${sql.identifier(nameOf(column))}`,
    changes,
    ping: async () => {
      await Promise.all([writer, reader].map(connection => connection.execute({ sql: 'select 1', params: [], method: 'get' })))
    },
    migrate: list => tx(() => applyMigrations(list, async (text, params = []) => (await write({ sql: text, params, method: 'all' })).rows as unknown[][])),
    close: async () => {
      await reader.close()
      await writer.close()
    },
  }
}

/** Makes the file, for its owner only, and gives its real path, so that a link to it leads to the same lock. */
function pathOf(given: string): string {
  try {
    mkdirSync(dirname(given), { recursive: true })
    closeSync(openSync(given, 'a', 0o600))
    return realpathSync(given)
  }
  catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException
    throw new StoreError(`The database ${given} cannot be opened: ${code}`, 'unavailable', code)
  }
}

function open(execute: Execute): Db {
  const one = async (text: string, params: unknown[], method: Statement['method']) => {
    const { rows, changes } = await execute({ sql: text, params, method })
    return { rows: rows as unknown[], changes }
  }
  // Only the three-argument form of drizzle-orm 0.45 keeps `casing`.
  return drizzle(one, queries => Promise.all(queries.map(query => one(query.sql, query.params, query.method))), { casing: 'snake_case' }) as unknown as Db
}

const changes = (result: unknown) => (result as Answer).changes
