import Database from 'libsql'
import { join } from 'node:path'

type Row = Record<string, unknown>
export type Query = (sql: string) => Promise<Row[]> | Row[]

/** Reads the SQLite file of a server that has ended. */
export function sqliteQuery(dataDir: string): Query {
  return (sql) => {
    const database = new Database(join(dataDir, 'relay.db'), { readonly: true })
    try {
      return database.prepare(sql).all() as Row[]
    }
    finally {
      database.close()
    }
  }
}

/** Changes the SQLite file of a server that has ended. */
export function sqliteRun(dataDir: string, sql: string): void {
  const database = new Database(join(dataDir, 'relay.db'))
  try {
    database.exec(sql)
  }
  finally {
    database.close()
  }
}

const summed = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write5m_tokens', 'cache_write1h_tokens', 'cost_nano', 'billed_nano']
const sums = summed.map(column => `sum(${column}) as ${column}`).join(', ')

/** Numbers come as text, bigint or number by driver: compared as text. */
const plain = (rows: Row[]) => rows
  .map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? '')])))
  .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))

/** The same sums from the rows and from each roll-up; a ledger in order has `rows` equal to all others. */
export async function rollUps(query: Query): Promise<{ rows: Row[], hourly: Row[], daily: Record<string, { rows: Row[], daily: Row[] }> }> {
  const fromLogs = `select coalesce(api_key_id, '') as api_key_id, coalesce(account_id, '') as account_id, coalesce(model, '') as model, count(*) as requests, ${sums} from logs group by 1, 2, 3`
  const fromHourly = `select api_key_id, account_id, model, sum(requests) as requests, ${sums} from usage_hourly group by 1, 2, 3`
  const daily: Record<string, { rows: Row[], daily: Row[] }> = {}
  for (const [scope, column] of [['all', null], ['key', 'api_key_id'], ['account', 'account_id'], ['user', 'user_id']] as const) {
    const where = column ? `where ${column} is not null` : ''
    daily[scope] = {
      rows: plain(await query(`select ${column ?? '\'\''} as id, count(*) as requests, ${sums} from logs ${where} group by 1`)),
      daily: plain(await query(`select ${column ? 'scope_id' : '\'\''} as id, sum(requests) as requests, ${sums} from usage_daily where scope = '${scope}' and (scope_id <> '' or '${scope}' = 'all') group by 1`)),
    }
  }
  return { rows: plain(await query(fromLogs)), hourly: plain(await query(fromHourly)), daily }
}
