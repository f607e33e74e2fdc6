import type { ClosedRequest, OpenedRequest, PricingTerms } from '#shared/types/log'
import type { Usage } from '#shared/types/usage'
import type { Logger } from '../lib/logger'
import type { Journal, JournalEntry } from './journal'

export interface JournalTurnDeps {
  journal: Pick<Journal, 'write'>
  logger: Logger
  /** When a turn of the event loop ends; default: once all that was ready to be read has been. */
  atEnd?(work: () => void): void
}

interface Waiting {
  entry: JournalEntry
  /** Offset behind its line in the journal's newest file, or why it is not there. */
  done(end: number | null, error: Error | null): void
}

/**
 * What the requests of one turn of the event loop tell the journal, in one write at its end, and what may leave only after it: a
 * system call per line would cost a busy process more than the lines. Who must not wait for the turn's end commits before.
 */
export class JournalTurn {
  #waiting: Waiting[] = []
  #works: (() => void)[] = []
  #due = false

  constructor(private readonly deps: JournalTurnDeps) {}

  /** Resolves when the line is in the journal, else rejects with JournalError. */
  opened(request: OpenedRequest, terms: PricingTerms): Promise<void> {
    return new Promise((resolve, reject) => this.#add({ kind: 'opened', request, terms }, (_, error) => error ? reject(error) : resolve()))
  }

  usage(requestId: string, usage: Usage, servedModel: string | null): void {
    this.#add({ kind: 'usage', requestId, usage, servedModel }, (_, error) => this.#report(requestId, error))
  }

  /** `done` is told the offset behind the row in the journal's newest file, or null: the journal can't be written. */
  closed(row: ClosedRequest, done: (end: number | null) => void): void {
    // The row says all that was to be noted before it.
    this.#waiting = this.#waiting.filter(({ entry }) => entry.kind !== 'usage' || entry.requestId !== row.requestId)
    this.#add({ kind: 'closed', row }, (end, error) => {
      this.#report(row.requestId, error)
      done(end)
    })
  }

  /** Writes what waits, now. */
  commit(): void {
    const all = this.#waiting
    if (all.length === 0) return
    this.#waiting = []
    if (this.#write(all) || all.length === 1) return
    // Some of them may fit where all of them do not.
    for (const one of all) this.#write([one])
  }

  /** Runs `work` when all that waits now is written: at the end of the turn, or very soon when nothing waits. */
  after(work: () => void): void {
    if (!this.#due) return process.nextTick(work)
    this.#works.push(work)
  }

  #add(entry: JournalEntry, done: Waiting['done']): void {
    this.#waiting.push({ entry, done })
    if (this.#due) return
    this.#due = true
    ;(this.deps.atEnd ?? setImmediate)(this.#end)
  }

  readonly #end = (): void => {
    const works = this.#works
    this.#works = []
    this.#due = false
    this.commit()
    for (const work of works) work()
  }

  /** False: nothing of it is in the journal; only a single line's `done` hears of that. */
  #write(lines: Waiting[]): boolean {
    let ends: number[]
    try {
      ends = this.deps.journal.write(lines.map(({ entry }) => entry))
    }
    catch (error) {
      if (lines.length === 1) lines[0]!.done(null, error instanceof Error ? error : new Error(String(error)))
      return false
    }
    lines.forEach(({ done }, at) => done(ends[at]!, null))
    return true
  }

  /** The tokens are spent already, so a failing journal must not take the answer from the client. */
  #report(requestId: string, error: Error | null): void {
    if (error) this.deps.logger.error({ err: error, requestId }, 'the journal cannot be written: usage of a request is incomplete')
  }
}
