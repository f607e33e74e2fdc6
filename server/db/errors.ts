/**
 * duplicate: a unique index refused the row. conflict: another transaction was in the way, a repeat may succeed.
 * unavailable: the database is away or cannot write. in_use: another process holds the SQLite file.
 */
export type StoreErrorKind = 'duplicate' | 'conflict' | 'unavailable' | 'in_use' | 'other'

/** What the database said, without the values of the statement: they may be secrets. */
export class StoreError extends Error {
  override name = 'StoreError'

  constructor(message: string, readonly kind: StoreErrorKind = 'other', readonly code: string = 'STORE') {
    super(message)
  }
}

const duplicates = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'ER_DUP_ENTRY'])
const conflicts = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD'])
const unavailable = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT',
  'PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'ER_SERVER_SHUTDOWN', 'ER_CON_COUNT_ERROR', 'ER_CONNECTION_KILLED',
  'ER_OPTION_PREVENTS_STATEMENT', 'ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR',
])
const sqliteUnavailable = /^SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY|CORRUPT|NOTADB)/

/** Turns a driver's error into ours; a {@link StoreError} passes unchanged. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { code, message = String(error), fatal = false } = error as { code?: string, message?: string, fatal?: boolean }
  // mysql2 gives no code when a connection or pool that has already ended is used.
  const known = code ?? (fatal || message === 'Pool is closed.' ? 'PROTOCOL_CONNECTION_LOST' : 'UNKNOWN')
  return new StoreError(`${known}: ${withoutValues(known, message)}`, kindOf(known), known)
}

function kindOf(code: string): StoreErrorKind {
  if (duplicates.has(code)) return 'duplicate'
  if (conflicts.has(code) || code.startsWith('SQLITE_BUSY')) return 'conflict'
  return unavailable.has(code) || sqliteUnavailable.test(code) ? 'unavailable' : 'other'
}

/** MySQL quotes what it was given; only these messages quote names instead. */
function withoutValues(code: string, message: string): string {
  if (code === 'ER_DUP_ENTRY') return `duplicate entry for key ${/for key '([^']*)'$/.exec(message)?.[1] ?? 'unknown'}`
  if (!code.startsWith('ER_') || /^ER_(?:DATA_TOO_LONG|BAD_FIELD_ERROR|NO_SUCH_TABLE|BAD_NULL_ERROR|NO_DEFAULT_FOR_FIELD|WARN_DATA_OUT_OF_RANGE|TABLE_EXISTS_ERROR)$/.test(code)) return message
  return message.replace(/'[\s\S]*'/, '\'…\'').slice(0, 200)
}
