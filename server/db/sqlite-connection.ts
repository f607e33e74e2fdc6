import { Worker } from 'node:worker_threads'
import { StoreError, toStoreError } from './errors'
import type { Answer, Failure, Outcome, Reply, Request, Statement, WorkerOptions } from './sqlite-protocol'

interface Waiting {
  resolve(answer: Answer): void
  reject(error: StoreError): void
}

/** One SQLite connection in a thread of its own. Statements run in the order of their `execute` calls. */
export class SqliteConnection {
  readonly #worker: Worker
  readonly #pending = new Map<number, Waiting[]>()
  readonly #ended: Promise<void>
  #outbox: { statement: Statement, waiting: Waiting }[] = []
  #lastId = 0
  #closed: StoreError | null = null

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (reply: Reply) => this.#take(reply))
    worker.on('error', error => this.#fail(new StoreError(`The database thread failed: ${error.message}`, 'unavailable', 'STORE_THREAD')))
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#fail(new StoreError('The database thread has ended', 'unavailable', 'STORE_THREAD'))
        resolve()
      })
    })
  }

  /** Starts the thread; rejects with a {@link StoreError} when the file is in use or cannot be opened. */
  static async open(workerUrl: URL, options: WorkerOptions): Promise<SqliteConnection> {
    const worker = new Worker(workerUrl, { workerData: options, name: `sqlite-${options.role}` })
    await new Promise<void>((resolve, reject) => {
      worker.once('error', error => reject(new StoreError(`The database thread does not start: ${error.message}`, 'unavailable', 'STORE_THREAD')))
      worker.once('message', (reply: Reply) => {
        if ('refused' in reply) reject(refusal(options.file, reply.refused))
        else resolve()
      })
    })
    return new SqliteConnection(worker)
  }

  /** Statements of the same turn travel in one message; each has its own outcome. */
  execute(statement: Statement): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closed)
    return new Promise((resolve, reject) => {
      if (this.#outbox.length === 0) queueMicrotask(() => this.#flush())
      this.#outbox.push({ statement, waiting: { resolve, reject } })
    })
  }

  /** Resolves once everything asked before is done and the file is closed. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#flush()
      this.#closed = new StoreError('The store is closed', 'unavailable', 'STORE_CLOSED')
      this.#post({ close: true })
    }
    await this.#ended
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    const sent = this.#outbox
    this.#outbox = []
    const id = ++this.#lastId
    try {
      this.#post({ id, statements: sent.map(({ statement }) => statement) })
      this.#pending.set(id, sent.map(({ waiting }) => waiting))
    }
    catch {
      for (const { waiting } of sent) waiting.reject(new StoreError('A value of the statement cannot be stored', 'other', 'STORE_VALUE'))
    }
  }

  #post(request: Request): void {
    this.#worker.postMessage(request)
  }

  #take(reply: Reply): void {
    if (!('outcomes' in reply)) return
    const waiting = this.#pending.get(reply.id) ?? []
    this.#pending.delete(reply.id)
    reply.outcomes.forEach((outcome, index) => settle(waiting[index], outcome))
  }

  #fail(error: StoreError): void {
    this.#closed ??= error
    const waiting = [...this.#pending.values()].flat().concat(this.#outbox.map(entry => entry.waiting))
    this.#pending.clear()
    this.#outbox = []
    for (const { reject } of waiting) reject(error)
  }
}

function settle(waiting: Waiting | undefined, outcome: Outcome): void {
  if ('answer' in outcome) waiting?.resolve(outcome.answer)
  else waiting?.reject(toStoreError(outcome.failure))
}

function refusal(file: string, failure: Failure): StoreError {
  if (failure.code !== 'STORE_IN_USE') return new StoreError(`The database ${file} cannot be opened: ${failure.message}`, 'unavailable', failure.code)
  return new StoreError(`The database ${file} is in use by another process. Stop that one first; several processes at once need MySQL.`, 'in_use', failure.code)
}
