import { openMysql } from './mysql'
import type { OpenStore } from './open-store'
import { keepPlainErrors } from './plain-errors'
import { openSqlite } from './sqlite'

export { StoreError } from './errors'
export type { StoreErrorKind } from './errors'
export { readMigrations } from './migrate'
export type { Migration } from './migrate'
export type { OpenStore } from './open-store'

/**
 * Opens the one database of the installation: MySQL when an address is given, else the SQLite file. `workerUrl` is the
 * bundled `sqlite-worker.mjs`. Throws StoreError with a message for the operator.
 */
export function openStore({ mysqlUrl, sqliteFile, workerUrl }: { mysqlUrl: string | null, sqliteFile: string, workerUrl: URL }): Promise<OpenStore> {
  keepPlainErrors()
  return mysqlUrl === null ? openSqlite(sqliteFile, workerUrl) : openMysql(mysqlUrl)
}
