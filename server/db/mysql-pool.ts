import { createConnection, createPool, type Pool, type PoolOptions } from 'mysql2/promise'
import { StoreError, toStoreError } from './errors'

/** What every session is set to. Strict mode refuses what does not fit; backslashes stay escapes, as the driver writes them. */
const sessionSql = [
  'set session sql_mode = \'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION\', time_zone = \'+00:00\', innodb_lock_wait_timeout = 10',
  'set session transaction isolation level read committed',
]

export interface MysqlTarget {
  /** `host:port/database`, for messages. */
  label: string
  database: string
  /** Made anew for each use: the driver writes into them. */
  options(withDatabase?: boolean): PoolOptions
}

/** What the store relies on and the address's query may not change. */
const fixed = ['multipleStatements', 'flags', 'charset', 'timezone', 'rowsAsArray', 'bigNumberStrings', 'supportBigNumbers']

/** Reads a `mysql://` address. Throws a StoreError when it names no database. */
export function mysqlTarget(given: string): MysqlTarget {
  const url = new URL(given)
  for (const name of fixed) url.searchParams.delete(name)
  const { host, pathname } = url
  const database = decodeURIComponent(pathname.slice(1))
  if (!database) throw new StoreError('The MySQL address names no database', 'other', 'STORE_ADDRESS')
  const options = (withDatabase = true): PoolOptions => {
    url.pathname = withDatabase ? pathname : '/'
    return {
      uri: url.href,
      charset: 'utf8mb4',
      timezone: 'Z',
      supportBigNumbers: true,
      multipleStatements: false,
      flags: ['+FOUND_ROWS'],
      connectTimeout: Number(url.searchParams.get('connectTimeout')) || 10_000,
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
    }
  }
  return { label: `${host}/${database}`, database, options }
}

/** Connects once, making the database when it does not exist. Throws a StoreError that names the server, never the password. */
export async function ensureDatabase({ label, database, options }: MysqlTarget): Promise<void> {
  try {
    await tryConnect(options())
  }
  catch (error) {
    if ((error as { code?: string }).code !== 'ER_BAD_DB_ERROR') throw unreachable(label, error)
    const name = database.replaceAll('`', '``')
    await tryConnect(options(false), `create database if not exists \`${name}\` character set utf8mb4 collate utf8mb4_bin`)
      .catch((failure: unknown) => {
        throw unreachable(label, failure)
      })
  }
}

async function tryConnect(options: PoolOptions, statement = 'select 1'): Promise<void> {
  const connection = await createConnection(options)
  try {
    await connection.query(statement)
  }
  finally {
    await connection.end()
  }
}

function unreachable(label: string, error: unknown): StoreError {
  const { code, message } = toStoreError(error)
  return new StoreError(`The MySQL database ${label} cannot be used: ${message}`, 'unavailable', code)
}

/** A pool whose connections are set up before anything else runs on them. */
export function openPool({ options }: MysqlTarget, connectionLimit: number): Pool {
  const pool = createPool({ ...options(), connectionLimit })
  pool.pool.on('connection', (connection) => {
    for (const statement of sessionSql) {
      connection.query(statement, (error) => {
        if (error) connection.destroy()
      })
    }
  })
  return pool
}
