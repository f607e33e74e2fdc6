import type { ClosedRequest } from '#shared/types/log'
import type { LedgerRepo } from '../db/repos/ledger'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { linesOf } from './journal-files'
import { headOf, readLine } from './journal-lines'
import type { RecentRow } from './recent-rows'

export interface BookDeps {
  ledger: LedgerRepo
  clock: Clock
  timeZone: string
  logger: Logger
  /** Closed rows in one transaction. */
  batchRows: number
  /** Hears what is in the database now. */
  onRows?: (rows: readonly ClosedRequest[]) => void
}

export interface FileRange {
  name: string
  path: string
  /** Where the cursor stands. */
  booked: number
  /** Where reading begins; lines up to the cursor are only shown to `onLine`. */
  start: number
  end?: number
}

export interface FilePosition {
  /** The cursor. */
  booked: number
  /** End of the last whole line; lines between are not to be booked. */
  scanned: number
}

/** Books a file's closed rows in batches and shows each line to `onLine`. Closed lines that cannot be read are counted, reported and left out. */
export async function bookFile(deps: BookDeps, range: FileRange, onLine: (text: string) => void = () => undefined): Promise<FilePosition> {
  let { booked } = range
  let scanned = range.start
  let unreadable = 0
  let batch: ClosedRequest[] = []
  const book = async () => {
    if (batch.length === 0) return
    await deps.ledger.book({ file: range.name, from: booked, to: scanned, at: deps.clock.now(), timeZone: deps.timeZone, rows: batch })
    booked = scanned
    deps.onRows?.(batch)
    batch = []
  }
  for await (const { text, end } of linesOf(range.path, range.start, range.end)) {
    scanned = end
    onLine(text)
    const kind = headOf(text)?.kind
    if (end <= range.booked || kind === 'opened' || kind === 'usage') continue
    const line = readLine(text)
    if (line?.kind === 'closed') batch.push(line.row)
    else unreadable++
    if (batch.length >= deps.batchRows) await book()
  }
  await book()
  if (unreadable > 0) deps.logger.error({ file: range.name, lines: unreadable }, 'lines of the journal could not be read and were left out')
  return { booked, scanned: Math.max(scanned, booked) }
}

/** Books rows of a file that are still in memory, in batches; `end` is where the file's whole lines end. */
export async function bookRows(deps: BookDeps, { name, booked, end, rows }: { name: string, booked: number, end: number, rows: readonly RecentRow[] }): Promise<FilePosition> {
  let from = booked
  for (let at = 0; at < rows.length; at += deps.batchRows) {
    const batch = rows.slice(at, at + deps.batchRows)
    const to = batch.at(-1)!.end
    const closed = batch.map(({ row }) => row)
    await deps.ledger.book({ file: name, from, to, at: deps.clock.now(), timeZone: deps.timeZone, rows: closed })
    from = to
    deps.onRows?.(closed)
  }
  return { booked: from, scanned: end }
}
