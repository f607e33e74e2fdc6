import { createHash } from 'node:crypto'
import { systemClock } from '../lib/clock'
import { StoreError } from './errors'

export interface Migration {
  /** File name without its ending; the order of the list is the order of applying. */
  tag: string
  hash: string
  statements: string[]
}

/** Runs one statement and answers its rows as arrays. */
export type RunSql = (sql: string, params?: unknown[]) => Promise<unknown[][]>

/** Reads what drizzle-kit wrote through any reader of that folder (files, bundled assets). Throws StoreError on a missing file. */
export async function readMigrations(read: (path: string) => Promise<string | null>): Promise<Migration[]> {
  const journal = JSON.parse(await whole(read, 'meta/_journal.json')) as { entries: { tag: string }[] }
  return Promise.all(journal.entries.map(async ({ tag }) => {
    const text = (await whole(read, `${tag}.sql`)).replaceAll('\r\n', '\n')
    const statements = text.split('--> statement-breakpoint').map(part => part.trim()).filter(Boolean)
    return { tag, hash: createHash('sha256').update(text).digest('hex'), statements }
  }))
}

async function whole(read: (path: string) => Promise<string | null>, path: string): Promise<string> {
  const text = await read(path)
  if (text === null) throw new StoreError(`The migration file ${path} is missing`)
  return text
}

const bookSql = `create table if not exists applied_migrations (
  tag varchar(190) not null primary key, hash varchar(64) not null, statements int not null, applied_at bigint not null)`

/** Errors of a statement that has already run. */
const alreadyDone = new Set(['ER_TABLE_EXISTS_ERROR', 'ER_DUP_KEYNAME', 'ER_DUP_FIELDNAME', 'ER_CANT_DROP_FIELD_OR_KEY', 'ER_BAD_TABLE_ERROR'])

/**
 * Applies what is missing, statement by statement. Progress is kept per statement, because MySQL commits each change of a
 * table by itself: after a crash in the middle the next start goes on where it stopped.
 */
export async function applyMigrations(list: Migration[], run: RunSql): Promise<void> {
  await run(bookSql)
  const rows = await run('select tag, hash, statements from applied_migrations')
  const applied = new Map(rows.map(([tag, hash, statements]) => [String(tag), { hash: String(hash), done: Number(statements) }]))
  for (const migration of list) {
    const before = applied.get(migration.tag)
    if (before && before.hash !== migration.hash) throw new StoreError(`The migration ${migration.tag} differs from the one this database has had`)
    if (!before) await run('insert into applied_migrations values (?, ?, 0, ?)', [migration.tag, migration.hash, systemClock.now()])
    await applyOne(migration, before?.done ?? null, run)
  }
}

async function applyOne({ tag, statements }: Migration, done: number | null, run: RunSql): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    if (index < (done ?? 0)) continue
    try {
      await run(statement)
    }
    catch (error) {
      const repeated = index === done && error instanceof StoreError && alreadyDone.has(error.code)
      if (!repeated) throw error
    }
    await run('update applied_migrations set statements = ? where tag = ?', [index + 1, tag])
  }
}
