import { spansOf } from '#shared/utils/period'
import type { Spans, Spent } from '../kv/claims'

/** What a settled request cost its key and its account, and where the journal holds it. */
export interface SettledCost {
  file: string
  /** End of its line in the file, bytes. */
  end: number
  /** Sorts in the order of writing, over files. */
  position: string
  key: string | null
  account: string | null
  /** Nano-USD: what the key pays, and the list price that counts for the account. */
  billed: number
  cost: number
  /** Epoch-ms. */
  at: number
  bookedAt: number | null
}

export const positionOf = (fileNumber: number, offset: number): string => `${String(fileNumber).padStart(16, '0')}${String(offset).padStart(12, '0')}`

/** The end of a file of which all is booked. */
export const positionOfEnd = (fileNumber: number): string => `${String(fileNumber).padStart(16, '0')}${'9'.repeat(12)}`

export const keySubject = (id: string): string => `key:${id}`
export const accountSubject = (id: string): string => `account:${id}`

/**
 * This process's settled costs, kept until the database has held them for longer than any counter takes to build. What a counter
 * built from the database lacks of them is found here.
 */
export class RetainedCosts {
  readonly #costs: SettledCost[] = []
  /** How many of them each subject has. */
  readonly #counts = new Map<string, number>()
  /** So many of them, from the oldest, are known to be booked. */
  #booked = 0
  /** Position of the last cost of a subject that was let go. */
  readonly #gone = new Map<string, string>()

  constructor(private readonly options: { timeZone: string, keepMs: number, isBooked(file: string, end: number): boolean }) {}

  add(cost: SettledCost): void {
    this.#costs.push(cost)
    for (const subject of subjectsOf(cost)) this.#counts.set(subject, (this.#counts.get(subject) ?? 0) + 1)
  }

  /**
   * Entries of a subject past a position, oldest first; null when some of them were let go. No position: the books did not know
   * this writer, so they hold nothing of what is here, and all that was let go (its cursors are kept for longer).
   */
  after(subject: string, position: string): Spent[] | null {
    if (position !== '' && (this.#gone.get(subject) ?? '') > position) return null
    const entries: Spent[] = []
    for (let i = this.#costs.length - 1; i >= 0; i--) {
      const cost = this.#costs[i]!
      if (cost.position <= position) break
      if (subjectsOf(cost).includes(subject)) entries.push(this.entry(subject, cost))
    }
    return entries.reverse()
  }

  /** Was any cost of a subject booked and let go? */
  hasLetGo(subject: string): boolean {
    return this.#gone.has(subject)
  }

  entry(subject: string, cost: SettledCost): Spent {
    const spans: Spans = spansOf(cost.at, this.options.timeZone)
    return { position: cost.position, amount: subject.startsWith('account:') ? cost.cost : cost.billed, ...spans }
  }

  /** Subjects that have costs here. */
  subjects(): Iterable<string> {
    return this.#counts.keys()
  }

  /** Lets go of what was booked long enough ago. */
  trim(now: number): void {
    for (; this.#booked < this.#costs.length; this.#booked++) {
      const cost = this.#costs[this.#booked]!
      if (!this.options.isBooked(cost.file, cost.end)) break
      cost.bookedAt = now
    }
    let past = 0
    for (; past < this.#booked; past++) {
      const cost = this.#costs[past]!
      if (now - (cost.bookedAt ?? now) < this.options.keepMs) break
      for (const subject of subjectsOf(cost)) this.#letGo(subject, cost.position)
    }
    this.#costs.splice(0, past)
    this.#booked -= past
  }

  #letGo(subject: string, position: string): void {
    this.#gone.set(subject, position)
    const left = (this.#counts.get(subject) ?? 0) - 1
    if (left > 0) this.#counts.set(subject, left)
    else this.#counts.delete(subject)
  }
}

export const subjectsOf = ({ key, account }: SettledCost): string[] =>
  [...key === null ? [] : [keySubject(key)], ...account === null ? [] : [accountSubject(account)]]
