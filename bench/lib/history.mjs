import { day, insertLogs, withDatabase } from './seed.mjs'

/** @typedef {import('libsql').Database} Database */

const hour = 3_600_000
/** Inserted one by one; all others are copies of them in other hours. */
const base = 200_000

const sums = {
  requests: 'count(*)', errors: 'sum(status >= 400)', input_tokens: 'sum(input_tokens)', output_tokens: 'sum(output_tokens)', cache_read_tokens: 'sum(cache_read_tokens)',
  cache_write5m_tokens: 'sum(cache_write5m_tokens)', cost_nano: 'sum(cost_nano)', billed_nano: 'sum(billed_nano)', ttfb_ms_sum: 'sum(ttfb_ms)', ttfb_count: 'count(ttfb_ms)', duration_ms_sum: 'sum(duration_ms)',
}
const summed = Object.keys(sums)
const ofLogs = Object.values(sums).join(', ')
const ofHours = summed.map(name => `sum(${name})`).join(', ')

/**
 * Fills a stopped relay's database with `count` log rows over the last `days` days and the roll-ups that belong to them (days of UTC).
 * `count` is a multiple of 200,000.
 * @type {(dataDir: string, count: number, days: number, owner: import('./seed.mjs').Owner) => void}
 */
export function seedHistory(dataDir, count, days, owner) {
  withDatabase(dataDir, (db) => {
    const passes = Math.max(1, Math.round(count / base))
    const span = days * day / passes
    withoutIndexes(db, () => {
      insertLogs(db, Math.min(count, base), owner, span)
      for (let pass = 1; pass < passes; pass++) copyLogs(db, pass, pass * span)
    })
    rollUp(db)
    db.exec('analyze')
  })
}

/**
 * Adds `count` rows (a multiple of 200,000) that are `days` days old and older, and makes the daily clearing due at the next start.
 * @type {(dataDir: string, count: number, days: number) => void}
 */
export function addOld(dataDir, count, days) {
  withDatabase(dataDir, (db) => {
    const passes = Math.max(1, Math.round(count / base))
    const { span } = /** @type {{ span: number }} */ (db.prepare('select max(created_at) - min(created_at) + 1 as span from logs where request_id like \'req_0000%\'').get())
    for (let pass = 0; pass < passes; pass++) copyLogs(db, 9_000 + pass, days * day + pass * span)
    db.exec(`delete from task_runs where task = 'logs:prune'`)
  })
}

/** How many log rows are older than `days` days. @type {(dataDir: string, days: number) => number} */
export function countOld(dataDir, days) {
  let count = 0
  withDatabase(dataDir, (db) => {
    count = /** @type {{ n: number }} */ (db.prepare('select count(*) as n from logs where created_at < ?').get(Date.now() - days * day)).n
  })
  return count
}

/** Copies the rows that were inserted, `back` milliseconds earlier and with names of their own. */
function copyLogs(/** @type {Database} */ db, /** @type {number} */ pass, /** @type {number} */ back) {
  const columns = /** @type {{ name: string }[]} */ (db.prepare('pragma table_info(logs)').all()).map(({ name }) => name)
  const mark = String(pass).padStart(4, '0')
  /** @type {Record<string, string>} */
  const changed = {
    request_id: `'req_${mark}' || substr(request_id, 9)`,
    upstream_request_id: `'req_up_${mark}' || substr(upstream_request_id, 12)`,
    session_id: `'${mark}0000' || substr(session_id, 9)`,
    created_at: `created_at - ${Math.round(back)}`,
    started_at: `started_at - ${Math.round(back)}`,
  }
  db.exec(`insert into logs (${columns.join(', ')}) select ${columns.map(name => changed[name] ?? name).join(', ')} from logs where request_id like 'req_0000%'`)
}

/** Building an index once is a fraction of keeping it row by row. */
function withoutIndexes(/** @type {Database} */ db, /** @type {() => void} */ work) {
  const indexes = /** @type {{ name: string, sql: string }[]} */ (db.prepare(`select name, sql from sqlite_master where type = 'index' and tbl_name = 'logs' and sql is not null`).all())
  for (const { name } of indexes) db.exec(`drop index ${name}`)
  work()
  for (const { sql } of indexes) db.exec(sql)
}

function rollUp(/** @type {Database} */ db) {
  db.exec(`insert into usage_hourly (hour, user_id, api_key_id, account_id, model, ${summed.join(', ')})
    select created_at / ${hour} * ${hour}, user_id, api_key_id, account_id, model, ${ofLogs} from logs group by 1, 2, 3, 4, 5`)
  for (const [scope, id] of Object.entries({ all: `''`, user: 'user_id', key: 'api_key_id', account: 'account_id' })) {
    db.exec(`insert into usage_daily (scope, scope_id, day, ${summed.join(', ')}) select '${scope}', ${id}, date(hour / 1000, 'unixepoch'), ${ofHours} from usage_hourly group by 2, 3`)
  }
  db.exec(`insert into usage_sessions (api_key_id, session_id, agent_id, user_id, first_at, last_at, ${summed.join(', ')})
    select api_key_id, session_id, '', user_id, min(started_at), max(created_at), ${ofLogs} from logs group by 1, 2, 4`)
}
