import Database from 'libsql'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogsRepo, type LogFilter } from '#server/db/repos/logs'
import { openTestStore, testDialects, type Dialect, type TestStore } from '../helpers/store'

// A page of the log list that leaves its index reads the whole table: seconds on a big installation, at every click.
const seeds = 1_000
const copies = 200
const dayMs = 86_400_000
const start = Date.UTC(2026, 0, 1)
const end = start + 90 * dayMs

const filters: Record<string, LogFilter> = {
  'no filter': {},
  'a user': { userId: 'u3' },
  'a key': { keyId: 'k7' },
  'an account': { accountId: 'a2' },
  'a session': { sessionId: 's11' },
  'a model': { model: 'claude-2' },
  'a rare model': { model: 'never-used' },
  'a status': { status: 500 },
  'an outcome': { outcome: 'upstream_error' },
  'streams': { stream: true },
  'a user and a key': { userId: 'u3', keyId: 'k7' },
  'a user and a model': { userId: 'u3', model: 'claude-2' },
  'a user and a session': { userId: 'u3', sessionId: 's11' },
  'a key, an account and a status': { keyId: 'k7', accountId: 'a2', status: 500 },
}
const spans: Record<string, LogFilter> = {
  'at any time': {},
  'within 31 days': { from: end - 40 * dayMs, to: end - 9 * dayMs },
  'within an hour': { from: end - 2 * dayMs, to: end - 2 * dayMs + 3_600_000 },
}

interface Raw {
  run(sql: string): Promise<void>
  plan(sql: string, params: unknown[]): Promise<string[]>
  close(): Promise<void>
}

/** A connection beside the store's: copies rows fast and asks for plans. */
async function openRaw(test: TestStore): Promise<Raw> {
  if (!test.mysqlUrl) {
    const db = new Database(test.sqliteFile)
    return {
      run: async (sql) => {
        db.exec(sql)
      },
      plan: async (sql, params) => (db.prepare(`explain query plan ${sql}`).all(...params) as { detail: string }[]).map(row => row.detail),
      close: async () => {
        db.close()
      },
    }
  }
  const connection = await createConnection({ uri: test.mysqlUrl })
  return {
    run: async (sql) => {
      await connection.query(sql)
    },
    plan: async (sql, params) => {
      const [rows] = await connection.query(`explain ${sql}`, params)
      return (rows as Record<string, unknown>[]).map(row => `type=${row.type} key=${row.key} extra=${row.Extra}`)
    },
    close: () => connection.end(),
  }
}

async function fill(test: TestStore, raw: Raw): Promise<void> {
  const { logs } = test.store.tables
  const step = (end - start) / copies
  const rows = Array.from({ length: seeds }, (_, i) => ({
    requestId: `req_#_${i}`, upstreamRequestId: `up_#_${i}`, createdAt: start + Math.floor(i / seeds * step), startedAt: start, userId: `u${i % 10}`, apiKeyId: `k${i % 40}`, accountId: `a${i % 8}`,
    sessionId: `s${i % 500}`, model: `claude-${i % 5}`, stream: i % 3 > 0, status: i % 20 ? 200 : 500, outcome: i % 20 ? 'ok' : 'upstream_error',
    usageComplete: true, priced: true, durationMs: i, attempts: '[]',
  }))
  for (let i = 0; i < seeds; i += 250) await test.store.db.insert(logs).values(rows.slice(i, i + 250))
  const columns = ['started_at', 'user_id', 'api_key_id', 'account_id', 'session_id', 'model', 'stream', 'status', 'outcome', 'usage_complete', 'priced', 'duration_ms', 'attempts'].join(', ')
  await raw.run('begin')
  for (let n = 1; n <= copies; n++) {
    await raw.run(`insert into logs (request_id, upstream_request_id, created_at, ${columns})
      select replace(request_id, '#', '${n}'), replace(upstream_request_id, '#', '${n}'), created_at + ${Math.floor(n * step)}, ${columns} from logs where request_id like 'req\\_#%' escape '\\${test.mysqlUrl ? '\\' : ''}'`)
  }
  await raw.run('commit')
  await raw.run(test.mysqlUrl ? 'analyze table logs' : 'analyze')
}

const indexOf: Partial<Record<keyof LogFilter, string>> = {
  userId: 'logs_user_created_idx', keyId: 'logs_key_created_idx', accountId: 'logs_account_created_idx', sessionId: 'logs_session_created_idx',
}

/** An id's own index, so that a rare one does not walk everybody's rows; time's where there is no id, or little time. */
function suited(filter: LogFilter, plan: string[]): boolean {
  const own = Object.keys(filter).flatMap(field => indexOf[field as keyof LogFilter] ?? [])
  const short = filter.from !== undefined && filter.to! - filter.from < dayMs
  return [...own, ...own.length && !short ? [] : ['logs_created_idx']].some(name => plan.join().includes(name))
}

/** Follows an index in the order of the list, sorting at most rows of the same millisecond. */
function ordered(dialect: Dialect, plan: string[]): boolean {
  if (dialect === 'mysql') return plan.every(line => !/type=ALL|key=null|filesort|temporary/i.test(line))
  return plan.every(line => /^(?:SCAN|SEARCH) logs USING (?:COVERING )?INDEX|^USE TEMP B-TREE FOR (?:RIGHT PART|LAST TERM) OF ORDER BY$/.test(line))
}

describe.each(testDialects)('pages of 200,000 logs on %s', (dialect) => {
  let test: TestStore
  let raw: Raw
  beforeAll(async () => {
    test = await openTestStore(dialect)
    raw = await openRaw(test)
    await fill(test, raw)
    expect(await test.store.read.$count(test.store.tables.logs)).toBeGreaterThanOrEqual(200_000)
  }, 120_000)
  afterAll(async () => {
    await raw.close()
    await test.drop()
  })

  it.each(Object.keys(filters))('stay on an index, in its order: %s', async (name) => {
    const repo = createLogsRepo(test.store)
    const wrong: string[] = []
    for (const [span, times] of Object.entries(spans)) {
      for (const after of [null, { createdAt: (times.to ?? end) - 1_000, requestId: 'req_m' }]) {
        const filter = { ...filters[name], ...times }
        const { sql, params } = repo.pageQuery(filter, after, 51, null).toSQL()
        const plan = await raw.plan(sql, params)
        if (!ordered(dialect, plan) || !suited(filter, plan)) wrong.push(`${span}${after ? ' after a page' : ''}: ${plan.join(' | ')}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('look up a request id, ours and the upstream\'s, by index', async () => {
    const repo = createLogsRepo(test.store)
    const { sql, params } = repo.pageQuery({ userId: 'u3' }, null, 51, ['req_7_3', 'up_7_3']).toSQL()
    const plan = (await raw.plan(sql, params))[0]
    expect(plan).toMatch(dialect === 'mysql' ? /type=(?:range|const|eq_ref) key=PRIMARY/ : /SEARCH logs USING INDEX sqlite_autoindex_logs_1/)
    expect((await repo.get('up_7_3'))?.requestId).toBe('req_7_3')
  })
})
