import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { createConnection } from 'mysql2/promise'
import { openStore, readMigrations, type Migration, type OpenStore } from '#server/db/client'
import type { Store } from '#server/db/store'

export type Dialect = Store['dialect']

export interface TestStore {
  store: OpenStore
  /** What `openStore` was given. */
  sqliteFile: string
  mysqlUrl: string | null
  /** Closes the store and removes the database. */
  drop(): Promise<void>
}

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))

/** Dialects that can be tested here. MySQL needs TEST_MYSQL_URL (a user that may make databases); in CI it must be there. */
export const testDialects: Dialect[] = withMysql() ? ['sqlite', 'mysql'] : ['sqlite']

function withMysql(): boolean {
  if (process.env.TEST_MYSQL_URL) return true
  const note = 'TEST_MYSQL_URL is not set (e.g. mysql://root@127.0.0.1:3306)'
  if (process.env.CI) throw new Error(`${note}: nothing is skipped in CI`)
  console.warn(`${note}: the MySQL half of this file does not run`)
  return false
}

/** Bundles the SQLite worker as the build does and returns its address. It lies inside the project so that libsql is found. */
export async function sqliteWorkerUrl(): Promise<URL> {
  const { outputFiles } = await build({
    entryPoints: [path('server/db/sqlite-worker.ts')],
    bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', external: ['libsql'], tsconfigRaw: '{}',
  })
  const code = outputFiles[0]!.contents
  const folder = path('tests/.tmp')
  const file = join(folder, `sqlite-worker-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`)
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true })
    const draft = `${file}.${randomBytes(6).toString('hex')}`
    await writeFile(draft, code)
    await rename(draft, file)
  }
  return pathToFileURL(file)
}

/** The migrations in the checkout. */
export function migrationsOf(dialect: Dialect): Promise<Migration[]> {
  return readMigrations(async (name) => {
    const file = path(`drizzle/migrations/${dialect}/${name}`)
    return existsSync(file) ? readFile(file, 'utf8') : null
  })
}

/** Address of a database of its own that does not exist yet. */
export function freshMysqlUrl(): string {
  const url = new URL(process.env.TEST_MYSQL_URL!)
  url.pathname = `/relay_test_${randomBytes(6).toString('hex')}`
  return url.href
}

export async function dropMysql(mysqlUrl: string): Promise<void> {
  const url = new URL(mysqlUrl)
  const database = url.pathname.slice(1)
  url.pathname = '/'
  const connection = await createConnection(url.href)
  await connection.query(`drop database if exists \`${database}\``)
  await connection.end()
}

/** A fresh, migrated database of its own. */
export async function openTestStore(dialect: Dialect): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-store-'))
  const sqliteFile = join(folder, 'relay.db')
  const mysqlUrl = dialect === 'mysql' ? freshMysqlUrl() : null
  const store = await openStore({ mysqlUrl, sqliteFile, workerUrl: await sqliteWorkerUrl() })
  await store.migrate(await migrationsOf(dialect))
  return {
    store, sqliteFile, mysqlUrl,
    async drop() {
      await store.close()
      if (mysqlUrl) await dropMysql(mysqlUrl)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
