import type { Repos } from '../db/repos/index'
import { CursorMovedError, type Booking } from '../db/repos/ledger'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { bookFile, bookRows, type BookDeps, type FilePosition } from './book-file'
import type { Journal, JournalPart } from './journal'
import { createPriceBook, type PriceBook } from './prices'
import { recoverLeftovers } from './recovery'

export interface LedgerOptions {
  dir: string
  journal: Journal
  repos: Pick<Repos, 'ledger'>
  clock: Clock
  /** IANA name; decides on which day a request counts. */
  timeZone: string
  logger: Logger
  /** Prices requests that a crash cut. */
  prices?: PriceBook
  /** Hears of everything that was booked. */
  onRows?: (rows: Booking['rows']) => void
  /** Hears what was booked of processes that are gone. */
  onRecovered?: (rows: Booking['rows']) => void
  /** Rows in one transaction; so many waiting are booked at once. */
  batchRows?: number
  /** Fewer rows are booked after so long. */
  idleMs?: number
  /** Pause after a failure; doubles up to the maximum. */
  retryMs?: { first: number, max: number }
}

/** Books the journal in the database, exactly once. While the database is away the journal grows and nothing is lost. */
export interface Ledger {
  /** Books the files of writers that are gone. Rejects when the database refuses; repeatable at any time. */
  recover(): Promise<void>
  start(): void
  /** Resolves once all that was written before the call is booked, however long that takes; rejects when the ledger is stopped first. */
  drain(): Promise<void>
  /** Books what it can within `timeoutMs`, then ends; the rest waits in the journal for the next start. */
  stop(timeoutMs?: number): Promise<void>
}

export const createLedger = (options: LedgerOptions): Ledger => new JournalLedger(options)

interface Waiter { resolve: () => void, reject: (reason: Error) => void }

const STOP_TIMEOUT_MS = 10_000
/** Who builds a counter must find how far each file was booked, long after the file is gone: server/limits/README.md. */
const KEEP_CURSOR_MS = 60_000

class JournalLedger implements Ledger {
  readonly #deps: BookDeps
  readonly #retry: { first: number, max: number }
  readonly #idleMs: number
  /** Known positions; a missing one is read from the database. */
  readonly #positions = new Map<string, FilePosition>()
  /** Files that are gone but still have a cursor, and since when (epoch-ms). */
  readonly #deleted: { name: string, at: number }[] = []
  readonly #waiters: Waiter[] = []
  #waiting = 0
  #again = false
  #stopped = false
  #failures = 0
  #away = false
  #active: Promise<void> | undefined
  #recovery: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #endPause: () => void = () => undefined

  constructor(private readonly options: LedgerOptions) {
    const { repos, clock, timeZone, logger, onRows, batchRows = 200 } = options
    this.#deps = { ledger: repos.ledger, clock, timeZone, logger, batchRows, onRows }
    this.#retry = options.retryMs ?? { first: 250, max: 10_000 }
    this.#idleMs = options.idleMs ?? 250
  }

  recover(): Promise<void> {
    const { dir, journal, prices = createPriceBook(), onRecovered = () => undefined } = this.options
    const recovered = this.#recovery.then(() => recoverLeftovers({ ...this.#deps, dir, prices, journal, onBooked: onRecovered }))
    this.#recovery = recovered.catch(() => undefined)
    return recovered
  }

  start(): void {
    this.options.journal.onClosed(() => this.#noticed())
    this.#wake()
  }

  drain(): Promise<void> {
    if (this.#stopped) return Promise.reject(this.#stoppedError())
    const drained = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }))
    this.#wake()
    this.#endPause()
    return drained
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
    if (this.#stopped) return
    this.options.journal.onClosed(() => undefined)
    await within(timeoutMs, this.drain())
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#endPause()
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#stoppedError())
    const pendingBytes = this.options.journal.pendingBytes()
    if (pendingBytes > 0) this.options.logger.warn({ pendingBytes }, 'stopped with an unbooked journal: it is booked at the next start')
  }

  #stoppedError(): Error {
    return new Error(`the ledger has stopped, ${this.options.journal.pendingBytes()} bytes of the journal are not booked`)
  }

  #noticed(): void {
    if (++this.#waiting >= this.#deps.batchRows) this.#wake()
    else this.#timer ??= setTimeout(() => this.#wake(), this.#idleMs).unref()
  }

  #wake(): void {
    this.#again = true
    this.#run()
  }

  #run(): void {
    if (this.#stopped || this.#active) return
    this.#active = this.#work().finally(() => {
      this.#active = undefined
      if (this.#again) this.#run()
    })
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      const served = this.#waiters.length
      try {
        await this.#pass()
        this.#succeeded()
        for (const waiter of this.#waiters.splice(0, served)) waiter.resolve()
      }
      catch (error) {
        this.#again = true
        this.#positions.clear()
        await this.#failed(error)
      }
    }
  }

  async #pass(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = 0
    const { journal } = this.options
    for (const part of [...journal.parts()]) {
      await this.#bookPart(part)
      if (part !== journal.parts().at(-1)) await this.#finish(part)
    }
    for (const { name, at } of [...this.#deleted]) {
      if (this.#deps.clock.now() - at < KEEP_CURSOR_MS) break
      await this.#deps.ledger.forget(name)
      this.#deleted.shift()
    }
  }

  async #bookPart(part: JournalPart): Promise<void> {
    const { name, path } = part
    const end = part.size
    const known = this.#positions.get(name) ?? await this.#readPosition(name)
    if (known.scanned >= end) return
    const { journal } = this.options
    const rows = journal.recent(name, known.scanned, end)
    const position = rows
      ? await bookRows(this.#deps, { name, booked: known.booked, end, rows })
      : await bookFile(this.#deps, { name, path, booked: known.booked, start: known.scanned, end })
    this.#positions.set(name, position)
    journal.booked(name, position.scanned)
  }

  async #readPosition(name: string): Promise<FilePosition> {
    const booked = await this.#deps.ledger.cursor(name) ?? 0
    return { booked, scanned: booked }
  }

  /** A file that is no longer written can go, unless lines came in between. */
  async #finish({ name, size }: JournalPart): Promise<void> {
    if ((this.#positions.get(name)?.scanned ?? 0) < size) return
    await this.options.journal.drop(name)
    this.#positions.delete(name)
    this.#deleted.push({ name, at: this.#deps.clock.now() })
  }

  #succeeded(): void {
    if (this.#away) this.options.logger.info('the ledger books again')
    this.#away = false
    this.#failures = 0
  }

  /** A moved cursor is read again at once; anything else waits for the database to come back. */
  async #failed(error: unknown): Promise<void> {
    this.#failures++
    if (this.#stopped || (error instanceof CursorMovedError && this.#failures === 1)) return
    if (!this.#away) this.options.logger.warn({ err: error, pendingBytes: this.options.journal.pendingBytes() }, 'the ledger cannot book: the journal grows until the database is back')
    this.#away = true
    const pause = Math.min(this.#retry.max, this.#retry.first * 2 ** Math.min(30, this.#failures - 1))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause).unref()
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** Waits for a promise, whatever its end, but not longer. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([promise.catch(() => undefined), late])
  clearTimeout(timer)
}
