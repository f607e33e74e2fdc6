import { MySqlPreparedQuery } from 'drizzle-orm/mysql-core'
import { SQLitePreparedQuery } from 'drizzle-orm/sqlite-core'

/**
 * drizzle wraps a failed statement in an error whose message holds the statement's values. Ours may be secrets and end
 * up in a log, so the wrapping is left out and the executor's own error goes to the caller.
 */
export function keepPlainErrors(): void {
  for (const query of [SQLitePreparedQuery, MySqlPreparedQuery]) {
    Object.assign(query.prototype, { queryWithCache: (_sql: string, _params: unknown[], run: () => Promise<unknown>) => run() })
  }
}
