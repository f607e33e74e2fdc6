import Database from 'libsql'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogsRepo, type LogFilter } from '#server/db/repos/logs'
import { createUsageRepo } from '#server/db/repos/usage'
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
  'a range of costs': { minCostNano: 1_000, maxCostNano: 2_000_000 },
  'a user and a cost': { userId: 'u3', minCostNano: 1 },
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

/** A year of hours and of days, as 40 keys of 10 users with three accounts and two models leave them. */
async function fillUsage(test: TestStore, raw: Raw): Promise<void> {
  const { usageHourly, usageDaily, usageSessions } = test.store.tables
  const hours = 24
  const amounts = { requests: 3, inputTokens: 5, costNano: 7 }
  const rows = Array.from({ length: hours * 40 * 2 }, (_, i) => ({ hour: end + (i % hours) * 3_600_000, userId: `u${Math.floor(i / hours) % 10}`, apiKeyId: `k${Math.floor(i / hours) % 40}`, accountId: `a${i % 3}`, model: `claude-${Math.floor(i / hours / 40)}`, ...amounts }))
  for (let i = 0; i < rows.length; i += 200) await test.store.db.insert(usageHourly).values(rows.slice(i, i + 200))
  const hourly = ['user_id', 'api_key_id', 'account_id', 'model', 'requests', 'input_tokens', 'cost_nano'].join(', ')
  const scopes = [...Array.from({ length: 40 }, (_, i) => ['key', `k${i}`] as const), ...Array.from({ length: 10 }, (_, i) => ['user', `u${i}`] as const), ...Array.from({ length: 8 }, (_, i) => ['account', `a${i}`] as const), ['all', ''] as const]
  await raw.run('begin')
  for (let day = 1; day <= 110; day++) {
    await raw.run(`insert into usage_hourly (hour, ${hourly}) select hour - ${day * dayMs}, ${hourly} from usage_hourly where hour >= ${end}`)
  }
  await raw.run('commit')
  for (let day = 0; day < 365; day++) {
    const date = new Date(end - day * dayMs).toISOString().slice(0, 10)
    await test.store.db.insert(usageDaily).values(scopes.map(([scope, scopeId]) => ({ scope, scopeId, day: date, ...amounts })))
  }
  for (let i = 0; i < 20_000; i += 200) {
    await test.store.db.insert(usageSessions).values(Array.from({ length: 200 }, (_, n) => ({ apiKeyId: `k${n % 40}`, sessionId: `s${i + n}`, agentId: n % 2 ? 'agent' : '', userId: `u${n % 10}`, firstAt: start, lastAt: end - Math.floor((i + n) / 20_000 * 365 * dayMs), ...amounts })))
  }
  for (const table of ['usage_hourly', 'usage_daily', 'usage_sessions']) await raw.run(test.mysqlUrl ? `analyze table ${table}` : 'analyze')
}

/** Reads its rows by an index from a place in it; groups may be put together beside. */
function byIndex(dialect: Dialect, plan: string[]): boolean {
  if (dialect === 'mysql') return plan.every(line => !/type=(?:ALL|index)\b|key=null/i.test(line))
  return plan.every(line => /^SEARCH \w+ USING (?:COVERING )?INDEX|^USE TEMP B-TREE FOR/.test(line))
}

describe.each(testDialects)('statistics over 200,000 hourly roll-ups on %s', (dialect) => {
  let test: TestStore
  let raw: Raw
  beforeAll(async () => {
    test = await openTestStore(dialect)
    raw = await openRaw(test)
    await fillUsage(test, raw)
    expect(await test.store.read.$count(test.store.tables.usageHourly)).toBeGreaterThanOrEqual(200_000)
  }, 240_000)
  afterAll(async () => {
    await raw?.close()
    await test?.drop()
  })

  const month = { from: end - 30 * dayMs, to: end }
  const ids: Record<string, object> = { 'all': {}, 'a user': { userId: 'u3' }, 'a key': { keyId: 'k7' }, 'an account': { accountId: 'a2' }, 'a model': { model: 'claude-1' }, 'a key of a user': { userId: 'u7', keyId: 'k7' } }

  it.each(Object.keys(ids))('hours are found by an index: %s', async (name) => {
    const { queries } = createUsageRepo(test.store)
    const wrong: string[] = []
    for (const span of [month, { from: end - dayMs, to: end }]) {
      const filter = { ...span, ...ids[name] }
      const all = { sum: queries.hourly(filter), hours: queries.byHour(filter), models: queries.by('model', filter), keys: queries.by('key', filter), accounts: queries.by('account', filter), users: queries.by('user', filter), some: queries.by('key', { ...filter, ids: ['k1', 'k7'] }) }
      for (const [what, query] of Object.entries(all)) {
        const { sql, params } = query.toSQL()
        const plan = await raw.plan(sql, params)
        if (!byIndex(dialect, plan)) wrong.push(`${what}: ${plan.join(' | ')}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('days and sessions are found by an index', async () => {
    const { queries } = createUsageRepo(test.store)
    const days = { fromDay: '2026-03-01', toDay: '2026-03-31' }
    const all = {
      all: queries.daily({ scope: 'all', scopeId: '', ...days }), key: queries.byDay({ scope: 'key', scopeId: 'k3', ...days }), keys: queries.byScope({ scope: 'key', ...days }),
      sessions: queries.bySession(month), agents: queries.byAgent({ ...month, keyId: 'k3', sessionId: 's3' }), own: queries.bySession({ ...month, userId: 'u3' }), ofKey: queries.sessions({ ...month, keyId: 'k3' }),
    }
    const wrong: string[] = []
    for (const [what, query] of Object.entries(all)) {
      const { sql, params } = query.toSQL()
      const plan = await raw.plan(sql, params)
      if (!byIndex(dialect, plan)) wrong.push(`${what}: ${plan.join(' | ')}`)
    }
    expect(wrong).toEqual([])
  })
})

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
      for (const after of [null, { at: (times.to ?? end) - 1_000, id: 'req_m' }]) {
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
