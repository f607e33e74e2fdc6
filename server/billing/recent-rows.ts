import type { ClosedRequest } from '#shared/types/log'

export interface RecentRow {
  row: ClosedRequest
  /** Offset behind its line. */
  end: number
}

interface Part {
  /** From this offset on every closed line of the file stands in `rows`. */
  since: number
  rows: RecentRow[]
}

const MAX_ROWS = 2_000

/**
 * Closed rows that were written a moment ago, by file, so that the ledger need not read its own journal back. Capped: when more
 * wait, the file is the only copy until the ledger has caught up.
 */
export class RecentRows {
  readonly #parts = new Map<string, Part>()
  #count = 0

  constructor(private readonly maxRows = MAX_ROWS) {}

  /** A file that holds no closed line yet. */
  begin(name: string): void {
    this.#parts.set(name, { since: 0, rows: [] })
  }

  add(name: string, row: ClosedRequest, end: number): void {
    const part = this.#parts.get(name)
    if (!part) return
    if (this.#count >= this.maxRows) this.#forget(name, end)
    else {
      part.rows.push({ row, end })
      this.#count++
    }
  }

  /** Closed rows of the lines that end in (`from`, `to`], oldest first; null when some of them are only in the file. */
  between(name: string, from: number, to: number): RecentRow[] | null {
    const part = this.#parts.get(name)
    if (!part || from < part.since) return null
    return part.rows.filter(({ end }) => end > from && end <= to)
  }

  /** Lines up to `offset` are booked. */
  booked(name: string, offset: number): void {
    const part = this.#parts.get(name)
    if (!part) return
    const left = part.rows.findIndex(({ end }) => end > offset)
    this.#count -= part.rows.splice(0, left < 0 ? part.rows.length : left).length
  }

  drop(name: string): void {
    this.#count -= this.#parts.get(name)?.rows.length ?? 0
    this.#parts.delete(name)
  }

  #forget(name: string, end: number): void {
    for (const part of this.#parts.values()) {
      if (part.rows.length > 0) part.since = part.rows.at(-1)!.end
      part.rows = []
    }
    this.#count = 0
    this.#parts.set(name, { since: end, rows: [] })
  }
}
