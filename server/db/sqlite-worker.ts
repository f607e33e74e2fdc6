import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'libsql'
import type { Answer, Failure, Outcome, Reply, Request, Statement, WorkerOptions } from './sqlite-protocol'

/** Bundled as a file of its own: nothing but libsql and Node's modules may be imported here. */
const maxPrepared = 500
/** Longer statements are inserts of many rows: rarely the same twice, and large once prepared. */
const maxPreparedLength = 8_192
const lockWaitMs = 500
const busyTimeoutMs = 5_000

type Prepared = ReturnType<Database.Database['prepare']>

const port = parentPort!
const { file, role } = workerData as WorkerOptions
const prepared = new Map<string, Prepared>()
if (role === 'reader') giveWay()
const lock = role === 'writer' ? openLock() : null
const database = open()
if (database) {
  port.on('message', (request: Request) => answer(database, request))
  say({ ready: true })
}
else port.close()

function say(reply: Reply): void {
  port.postMessage(reply)
}

/**
 * Long reads of pages leave the processors to running streams. Linux has a priority for each thread, and 0 is the one that asks;
 * elsewhere it would be the whole process. A host that forbids it is as good as one without: reads are right at any priority.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error
  }
}

/** An exclusive transaction on a side file; the system ends it with the process, however that ends. */
function openLock(): Database.Database | Failure {
  try {
    const side = new Database(`${file}.lock`)
    side.pragma(`busy_timeout = ${lockWaitMs}`)
    side.exec('begin exclusive')
    return side
  }
  catch (error) {
    const failure = describe(error)
    return failure.code.startsWith('SQLITE_BUSY') ? { ...failure, code: 'STORE_IN_USE' } : failure
  }
}

function open(): Database.Database | null {
  if (lock && 'code' in lock) {
    say({ refused: lock })
    return null
  }
  try {
    const db = new Database(file)
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    db.pragma('case_sensitive_like = on')
    if (role === 'reader') {
      db.pragma('query_only = on')
      return db
    }
    db.pragma('journal_mode = wal')
    db.pragma('synchronous = normal')
    db.pragma('journal_size_limit = 67108864')
    return db
  }
  catch (error) {
    say({ refused: describe(error) })
    return null
  }
}

function answer(db: Database.Database, request: Request): void {
  if ('close' in request) {
    close(db)
    return
  }
  say({ id: request.id, outcomes: request.statements.map(statement => attempt(db, statement)) })
}

function attempt(db: Database.Database, statement: Statement): Outcome {
  try {
    return { answer: execute(db, statement) }
  }
  catch (error) {
    return { failure: describe(error) }
  }
}

function execute(db: Database.Database, { sql, params, method }: Statement): Answer {
  // Some errors (a full disk) end the transaction by themselves; the roll-back that follows has nothing left to do.
  if (sql === 'rollback' && !db.inTransaction) return { rows: [], changes: 0 }
  const statement = prepare(db, sql)
  if (method === 'many') {
    for (const values of params as unknown[][]) statement.run(values.map(bindable))
    return { rows: [], changes: params.length }
  }
  const values = params.map(bindable)
  if (!statement.reader) return { rows: [], changes: statement.run(values).changes }
  const rows = method === 'get' ? statement.get(values) : statement.all(values)
  return { rows: rows as unknown[] | undefined, changes: 0 }
}

/** libsql binds every JavaScript number as a float, which a text column would store as `5.0`. */
function bindable(value: unknown): unknown {
  return Number.isSafeInteger(value) ? BigInt(value as number) : value
}

function prepare(db: Database.Database, sql: string): Prepared {
  const known = prepared.get(sql)
  if (known) return known
  const statement = db.prepare(sql)
  if (statement.reader) statement.raw(true)
  if (/^\s*(?:create|alter|drop)\b/i.test(sql)) prepared.clear()
  else if (sql.length <= maxPreparedLength) remember(sql, statement)
  return statement
}

function remember(sql: string, statement: Prepared): void {
  if (prepared.size >= maxPrepared) {
    for (const oldest of prepared.keys()) {
      prepared.delete(oldest)
      break
    }
  }
  prepared.set(sql, statement)
}

function close(db: Database.Database): void {
  prepared.clear()
  if (role === 'writer') db.exec('pragma analysis_limit = 400; pragma optimize;')
  db.close()
  if (lock && !('code' in lock)) lock.close()
  port.close()
}

function describe(error: unknown): Failure {
  const { code, message } = error as { code?: unknown, message?: unknown }
  return { code: typeof code === 'string' && code ? code : 'SQLITE_CANTOPEN', message: String(message ?? error) }
}
