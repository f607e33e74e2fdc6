import { readdir, rm } from 'node:fs/promises'
import { FILE_DONE, type Booking, type LedgerRepo } from '../db/repos/ledger'
import { tryLock, type ProcessLock } from '../lib/process-lock'
import { bookFile, type BookDeps } from './book-file'
import { OpenRequests } from './interrupted'
import type { Journal } from './journal'
import { gatePath, instanceOfLock, listJournals, lockPath, type JournalFile } from './journal-files'
import type { PriceBook } from './prices'

export interface RecoveryDeps extends BookDeps {
  dir: string
  prices: PriceBook
  /** This process's own. */
  journal: Pick<Journal, 'instanceId' | 'wrote'>
  /** Hears what was booked. */
  onBooked(rows: Booking['rows']): void
}

const GATE_WAIT_MS = 5000

/** Books what writers that are gone left behind, then deletes it. Files of living writers are let alone. */
export async function recoverLeftovers(deps: RecoveryDeps): Promise<void> {
  const names = await readdir(deps.dir)
  const locked = names.flatMap(name => instanceOfLock(name) ?? [])
  const written = (await listJournals(deps.dir)).map(file => file.instanceId)
  for (const instanceId of [...new Set([...written, ...locked])].sort()) {
    if (instanceId === deps.journal.instanceId) await adopt(deps, instanceId)
    else await adoptOther(deps, instanceId)
  }
}

async function adoptOther(deps: RecoveryDeps, instanceId: string): Promise<void> {
  const lock = throughGate(deps.dir, () => tryLock(lockPath(deps.dir, instanceId)))
  if (!lock) return
  try {
    await adopt(deps, instanceId)
    await deps.ledger.forgetInstance(instanceId)
  }
  catch (error) {
    lock.release()
    throw error
  }
  throughGate(deps.dir, () => lock.releaseAndRemove())
  lock.release()
}

/** Nobody may lock a lock file that is about to be removed. Null when the gate stays shut. */
function throughGate<T>(dir: string, pass: () => T): T | null {
  const gate: ProcessLock | null = tryLock(gatePath(dir), { waitMs: GATE_WAIT_MS })
  if (!gate) return null
  try {
    return pass()
  }
  finally {
    gate.release()
  }
}

async function adopt(deps: RecoveryDeps, instanceId: string): Promise<void> {
  const files = (await listJournals(deps.dir)).filter(file => file.instanceId === instanceId && !deps.journal.wrote(file.name))
  if (files.length === 0) return
  await bookAll(deps, files)
  for (const file of files) {
    await rm(file.path, { force: true })
    await deps.ledger.forget(file.name)
  }
}

/** Requests open at the end of the last file are booked as interrupted together with the mark that it is done. */
async function bookAll(given: RecoveryDeps, files: readonly JournalFile[]): Promise<void> {
  const deps = { ...given, ledger: telling(given.ledger, rows => given.onBooked(rows)) }
  const open = new OpenRequests()
  let last: { name: string, booked: number } | null = null
  for (const { name, path } of files) {
    const cursor = await deps.ledger.cursor(name) ?? 0
    if (cursor === FILE_DONE) {
      last = null
      continue
    }
    const { booked } = await bookFile(deps, { name, path, booked: cursor, start: 0 }, text => open.take(text))
    last = { name, booked }
  }
  if (!last) return
  const rows = open.interrupted(deps.prices, deps.clock.now())
  const batches = Math.max(1, Math.ceil(rows.length / deps.batchRows))
  for (let batch = 0; batch < batches; batch++) {
    const some = rows.slice(batch * deps.batchRows, (batch + 1) * deps.batchRows)
    const to = batch === batches - 1 ? FILE_DONE : last.booked
    await deps.ledger.book({ file: last.name, from: last.booked, to, at: deps.clock.now(), timeZone: deps.timeZone, rows: some })
  }
  deps.logger.info({ files: files.map(file => file.name), interrupted: rows.length }, 'booked what a stopped process left in its journal')
}

const telling = (ledger: LedgerRepo, onBooked: RecoveryDeps['onBooked']): LedgerRepo => ({
  ...ledger,
  async book(booking) {
    await ledger.book(booking)
    onBooked(booking.rows)
  },
})
