import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { model } from './frames.mjs'

export const day = 86_400_000
const perTransaction = 5_000

/** Every column that the seed fills; one that the product's schema lacks, or needs and is not here, is an error. */
const columns = {
  request_id: (/** @type {Row} */ r) => `req_${r.hex}`,
  upstream_request_id: (/** @type {Row} */ r) => `req_up_${r.hex}`,
  created_at: (/** @type {Row} */ r) => r.at,
  started_at: (/** @type {Row} */ r) => r.at - 9_000,
  user_id: (/** @type {Row} */ r) => r.userId,
  user_name: () => 'admin',
  api_key_id: (/** @type {Row} */ r) => r.n % 3 ? r.keyId : `key${r.n % 50}`,
  key_name: () => 'bench',
  account_id: (/** @type {Row} */ r) => r.n % 4 ? r.accountId : `account${r.n % 20}`,
  account_name: () => 'bench',
  platform: () => 'claude_console',
  model: (/** @type {Row} */ r) => models[r.n % models.length],
  served_model: (/** @type {Row} */ r) => models[r.n % models.length],
  stream: (/** @type {Row} */ r) => r.n % 20 ? 1 : 0,
  status: (/** @type {Row} */ r) => r.failed ? 529 : 200,
  outcome: (/** @type {Row} */ r) => r.failed ? 'upstream_error' : 'ok',
  error_type: (/** @type {Row} */ r) => r.failed ? 'overloaded_error' : null,
  error_message: (/** @type {Row} */ r) => r.failed ? 'Overloaded' : null,
  usage_complete: () => 1,
  input_tokens: () => 12,
  output_tokens: (/** @type {Row} */ r) => r.n % 4_000,
  cache_read_tokens: () => 14_336,
  cache_write5m_tokens: () => 2_048,
  priced: () => 1,
  price_version: () => 'bench',
  cost_parts: () => '{"input":36000000,"output":30000000,"cacheRead":4300800000,"cacheWrite5m":7680000000,"cacheWrite1h":0,"webSearch":0}',
  cost_nano: () => 12_046_800,
  billed_nano: () => 12_046_800,
  ttfb_ms: (/** @type {Row} */ r) => 300 + r.n % 900,
  duration_ms: () => 9_000,
  attempts: (/** @type {Row} */ r) => JSON.stringify([{ accountId: r.accountId, accountName: 'bench', verdict: r.failed ? 'transient' : 'deliver', status: r.failed ? 529 : 200, ms: 500, reason: null }]),
  client_version: () => 'claude-cli/2.1.330',
  session_id: (/** @type {Row} */ r) => `00000000-0000-4000-8000-${String(r.n % 2_000).padStart(12, '0')}`,
  ip: () => '192.0.2.10',
}

const models = [model, 'claude-opus-4-1-20250805', 'claude-3-5-haiku-20241022', 'claude-sonnet-5-5', 'claude-opus-5-5']

/**
 * @typedef {{ userId: string, keyId: string, accountId: string }} Owner
 * @typedef {Owner & { n: number, at: number, hex: string, failed: boolean }} Row
 */

/**
 * A running relay with one account and one key, whose database `seed` filled before this start.
 * @type {(bench: import('./bench.mjs').Bench, seed: (dataDir: string, owner: Owner) => void) => Promise<{ relay: import('../relay.mjs').Relay, target: import('../client.mjs').Target & Owner }>}
 */
export async function seededRelay(bench, seed) {
  const relay = await bench.newRelay()
  await relay.start()
  const { user } = await relay.api('GET', '/api/auth/me')
  const target = await relay.provision(bench.upstreamPort)
  await relay.stop()
  const owner = { userId: user.id, keyId: target.keyId, accountId: target.accountId }
  seed(relay.dataDir, owner)
  await relay.start()
  return { relay, target: { ...target, ...owner, port: relay.port } }
}

/**
 * Fills the log table of a stopped relay with `count` rows spread over the last 30 days, in the schema that the product itself made.
 * @type {(dataDir: string, count: number, owner: Owner) => void}
 */
export function seedLogs(dataDir, count, owner) {
  withDatabase(dataDir, (db) => {
    insertLogs(db, count, owner, 30 * day)
    db.exec('analyze')
  })
}

/**
 * Inserts `count` rows spread over the last `span` milliseconds.
 * @type {(db: import('libsql').Database, count: number, owner: Owner, span: number) => void}
 */
export function insertLogs(db, count, owner, span) {
  fits(db)
  const names = Object.keys(columns)
  const insert = db.prepare(`insert into logs (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`)
  const now = Date.now()
  for (let n = 0; n < count; n++) {
    if (n % perTransaction === 0) db.exec('begin')
    const row = { ...owner, n, at: now - Math.floor((count - n) * span / count), hex: n.toString(16).padStart(32, '0'), failed: n % 25 === 7 }
    insert.run(...Object.values(columns).map(value => value(row)))
    if (n % perTransaction === perTransaction - 1 || n === count - 1) db.exec('commit')
  }
}

/**
 * Runs `work` on the database of a stopped relay.
 * @type {(dataDir: string, work: (db: import('libsql').Database) => void) => void}
 */
export function withDatabase(dataDir, work) {
  const db = openDatabase(dataDir)
  try {
    work(db)
  }
  finally {
    db.close()
  }
}

/** The database in a data directory: the one file that begins as SQLite's do and has the log table. */
function openDatabase(/** @type {string} */ dataDir) {
  for (const name of readdirSync(dataDir)) {
    if (!/\.(db|sqlite3?)$/.test(name)) continue
    const db = new Database(join(dataDir, name))
    if (db.prepare('select 1 from sqlite_master where name = ?').get('logs')) return db
    db.close()
  }
  throw new Error(`no database with a log table among ${readdirSync(dataDir).join(', ')}`)
}

/** @param {import('libsql').Database} db */
function fits(db) {
  const table = /** @type {{ name: string, notnull: number, dflt_value: string | null }[]} */ (db.prepare('pragma table_info(logs)').all())
  const missing = table.filter(column => column.notnull && column.dflt_value === null && !(column.name in columns))
  const unknown = Object.keys(columns).filter(name => !table.some(column => column.name === name))
  if (missing.length || unknown.length) throw new Error(`the seed does not fit the log table: needs ${missing.map(column => column.name).join(', ') || 'nothing'}, lacks ${unknown.join(', ') || 'nothing'}`)
}

/**
 * Copies one row of a table `count` times; `differing` gives what differs in the n-th copy.
 * @type {(db: import('libsql').Database, table: string, id: string, count: number, differing: (n: number) => Record<string, string>) => void}
 */
export function copyRows(db, table, id, count, differing) {
  // `get` would add a property of its own to the row.
  const [row] = /** @type {Record<string, unknown>[]} */ (db.prepare(`select * from ${table} where id = ?`).all(id))
  if (!row) throw new Error(`${table} has no row ${id}`)
  const names = Object.keys(row)
  const insert = db.prepare(`insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`)
  db.exec('begin')
  for (let n = 0; n < count; n++) insert.run(...Object.values({ ...row, ...differing(n) }))
  db.exec('commit')
}
