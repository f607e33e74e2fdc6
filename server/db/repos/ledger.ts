import { and, eq, gt, inArray, lt } from 'drizzle-orm'
import type { ClosedRequest } from '../../../shared/types/log'
import { pricedName } from '../../billing/price-names'
import { StoreError } from '../errors'
import type { Db, Store } from '../store'
import { toLogRow } from './ledger-row'
import type { LogRow } from './logs'
import { createUsageWriter } from './usage-writer'

/** A cursor's offset once a file holds nothing more to book and may be deleted. */
export const FILE_DONE = -1

/** Rows of one journal file, and how far they move its cursor. */
export interface Booking {
  file: string
  from: number
  to: number
  /** Epoch-ms. */
  at: number
  timeZone: string
  /** In the order in which they were written. */
  rows: readonly ClosedRequest[]
}

/** The file was booked by somebody else meanwhile, or the answer to an earlier booking got lost: read the cursor again. */
export class CursorMovedError extends Error {
  override name = 'CursorMovedError'
}

/** Turns journal lines into log rows and roll-ups, each exactly once. */
export function createLedgerRepo(store: Store) {
  const { logs, unpriced, journalCursors } = store.tables
  const { db } = store
  const usage = createUsageWriter(store)

  async function moveCursor(tx: Db, { file, from, to, at }: Booking): Promise<void> {
    if (from === 0) await store.insertIgnore(tx, journalCursors, { file, offset: 0, updatedAt: at })
    const moved = await tx.update(journalCursors).set({ offset: to, updatedAt: at }).where(and(eq(journalCursors.file, file), eq(journalCursors.offset, from)))
    if (store.changes(moved) !== 1) throw new CursorMovedError(`the cursor of ${file} is not at ${from}`)
  }

  /** Rows that used something and have no price wait for one. */
  async function keepUnpriced(tx: Db, added: readonly LogFields[], removed: readonly LogFields[]): Promise<void> {
    const gone = removed.filter(isUnpriced).map(row => row.requestId)
    if (gone.length > 0) await tx.delete(unpriced).where(inArray(unpriced.requestId, gone))
    await store.insertMany(unpriced, added.filter(isUnpriced).map(row => ({ requestId: row.requestId, model: pricedName(row), tokens: tokensOf(row), createdAt: row.createdAt })))
  }

  /** Nearly always the rows are new, and looking for old ones costs more than writing them: `replacing` does so. */
  async function write(booking: Booking, incoming: ReturnType<typeof toLogRow>[], replacing: boolean): Promise<void> {
    const ids = incoming.map(row => row.requestId)
    await store.tx(async (tx) => {
      await moveCursor(tx, booking)
      const known = replacing ? await tx.select().from(logs).where(inArray(logs.requestId, ids)) : []
      const { added, removed } = replacements(incoming, known)
      if (removed.length > 0) await tx.delete(logs).where(inArray(logs.requestId, removed.map(row => row.requestId)))
      await store.insertMany(logs, added)
      await keepUnpriced(tx, added, removed)
      await usage.book(tx, { added, removed }, booking.timeZone)
    })
  }

  return {
    /** Bytes of a file already booked, {@link FILE_DONE}, or null for a file never booked from. */
    async cursor(file: string): Promise<number | null> {
      const rows = await db.select({ offset: journalCursors.offset }).from(journalCursors).where(eq(journalCursors.file, file))
      return rows.at(0)?.offset ?? null
    },

    /**
     * Moves the cursor and writes rows and roll-ups, all or nothing. A row that is already there is replaced and the difference is booked;
     * an interrupted one never replaces another. Throws {@link CursorMovedError} when the cursor is not at `from`.
     */
    async book(booking: Booking): Promise<void> {
      const incoming = latest(booking.rows).map(toLogRow)
      try {
        await write(booking, incoming, false)
      }
      catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'duplicate') throw error
        await write(booking, incoming, true)
      }
    },

    /** Drops the cursor of a deleted file. */
    async forget(file: string): Promise<void> {
      await db.delete(journalCursors).where(eq(journalCursors.file, file))
    },

    /** Drops every cursor of an instance of which no file is left. */
    async forgetInstance(instanceId: string): Promise<void> {
      const prefix = `journal-${instanceId}`
      await db.delete(journalCursors).where(and(gt(journalCursors.file, `${prefix}-`), lt(journalCursors.file, `${prefix}.`)))
    },
  }
}

export type LedgerRepo = ReturnType<typeof createLedgerRepo>

type LogFields = Pick<LogRow,
  | 'requestId' | 'createdAt' | 'priced' | 'priceBy' | 'model' | 'servedModel' | 'webSearches'
  | 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens'>

const tokensOf = (row: LogFields): number => row.inputTokens + row.outputTokens + row.cacheReadTokens + row.cacheWrite5mTokens + row.cacheWrite1hTokens
const isUnpriced = (row: LogFields): boolean => !row.priced && tokensOf(row) + row.webSearches > 0

interface Identified { requestId: string, outcome: string }

/** The last row of each request, an interrupted one only without another, by request id. */
function latest(rows: readonly ClosedRequest[]): ClosedRequest[] {
  const byId = new Map<string, ClosedRequest>()
  for (const row of rows) {
    if (row.outcome !== 'interrupted' || !byId.has(row.requestId)) byId.set(row.requestId, row)
  }
  return [...byId.values()].sort((a, b) => (a.requestId < b.requestId ? -1 : 1))
}

/** Rows to write, and the stored ones that they replace. */
function replacements<T extends Identified, K extends Identified>(incoming: readonly T[], known: readonly K[]): { added: T[], removed: K[] } {
  const knownIds = new Set(known.map(row => row.requestId))
  const added = incoming.filter(row => row.outcome !== 'interrupted' || !knownIds.has(row.requestId))
  const addedIds = new Set(added.map(row => row.requestId))
  return { added, removed: known.filter(row => addedIds.has(row.requestId)) }
}
