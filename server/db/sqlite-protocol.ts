/** What the relay's thread and the SQLite worker threads say to each other. Types only: the worker is a bundle of its own. */
export interface Statement {
  sql: string
  params: unknown[]
  /** `get` answers one row (or undefined) as `rows`, the others a list; `many` runs once for each list of values in `params`. */
  method: 'run' | 'all' | 'get' | 'values' | 'many'
}

export interface Answer {
  /** Rows as arrays of values. */
  rows: unknown[] | undefined
  /** Rows written. */
  changes: number
}

export interface Failure { code: string, message: string }

export type Outcome = { answer: Answer } | { failure: Failure }

export type Request = { id: number, statements: Statement[] } | { close: true }

export type Reply = { ready: true } | { refused: Failure } | { id: number, outcomes: Outcome[] }

export interface WorkerOptions {
  /** Absolute path of the database file. */
  file: string
  /** The writer also holds the lock that keeps other processes out; the reader cannot write. */
  role: 'writer' | 'reader'
}
