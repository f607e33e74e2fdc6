import { mkdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClosedRequest, OpenedRequest, PricingTerms } from '#shared/types/log'
import type { Usage } from '#shared/types/usage'
import { systemClock, type Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { holdLock, type ProcessLock } from '../lib/process-lock'
import { AppendFile, systemCalls, type FileCalls } from './append-file'
import { gatePath, journalName, lockPath, nextNumber } from './journal-files'
import { closedLine, openedLine, usageLine } from './journal-lines'
import { RecentRows, type RecentRow } from './recent-rows'

export { JournalError } from './append-file'

/** What there is to tell of a request. */
export type JournalEntry
  = | { kind: 'opened', request: OpenedRequest, terms: PricingTerms }
    | { kind: 'usage', requestId: string, usage: Usage, servedModel: string | null }
    | { kind: 'closed', row: ClosedRequest }

export interface JournalOptions {
  dir: string
  /** One living process per id. */
  instanceId: string
  logger: Logger
  /** A file is left for the next one before it grows past this. */
  maxFileBytes?: number
  clock?: Clock
  calls?: FileCalls
}

/** A file of this journal as the ledger sees it. */
export interface JournalPart {
  readonly name: string
  readonly path: string
  /** Bytes of whole lines. */
  readonly size: number
}

/**
 * What happened to requests, written before anybody else hears of it: survives the process's death at any moment; a power cut
 * costs at most the last second. `closed` may be written again for a request: the last one counts.
 */
export interface Journal {
  /**
   * One line each, all in one write that is done when it returns; gives the offsets behind them in the newest file.
   * Throws JournalError when they are not all in the file: then none of them counts.
   */
  write(entries: readonly JournalEntry[]): number[]
  /** Bytes that the ledger has not booked yet. */
  pendingBytes(): number
  /** Syncs, closes, and lets other processes adopt what is left. */
  close(): Promise<void>

  readonly instanceId: string
  /** Did this journal make the file, deleted or not? */
  wrote(name: string): boolean
  /** Oldest first; the last one is being written. */
  parts(): readonly JournalPart[]
  /** Closed rows of the lines that end in (`from`, `to`] of a file; null when they must be read from it. */
  recent(name: string, from: number, to: number): RecentRow[] | null
  /** The ledger tells how far it is in a file. */
  booked(name: string, offset: number): void
  /** Has the ledger booked the file up to this offset? */
  isBooked(name: string, offset: number): boolean
  /** Deletes a file that is booked to its end and no longer written. */
  drop(name: string): Promise<void>
  /** Called after each write with a `closed` in it. */
  onClosed(listener: () => void): void
}

const MAX_FILE_BYTES = 64 * 1024 * 1024
const SYNC_PERIOD_MS = 1000
const GATE_WAIT_MS = 5000

/** Opens a new file in `dir` (made when missing). Throws LockedError when a living process writes under the same id. */
export function openJournal(options: JournalOptions): Journal {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const gate = holdLock(gatePath(options.dir), { waitMs: GATE_WAIT_MS })
  try {
    return new FileJournal(options, holdLock(lockPath(options.dir, options.instanceId)))
  }
  finally {
    gate.release()
  }
}

class FileJournal implements Journal {
  readonly instanceId: string
  readonly #clock: Clock
  readonly #calls: FileCalls
  readonly #maxFileBytes: number
  /** Lines of requests that are not closed, for the next file. */
  readonly #open = new Map<string, { opened: string, usage: string }>()
  readonly #booked = new Map<string, number>()
  readonly #recent = new RecentRows()
  readonly #files: AppendFile[] = []
  readonly #names = new Set<string>()
  #current: AppendFile
  #number: number
  /** Size at which the next file is due. */
  #limit: number
  #syncTimer: NodeJS.Timeout | undefined
  #listener: () => void = () => undefined

  constructor(private readonly options: JournalOptions, private readonly lock: ProcessLock) {
    this.instanceId = options.instanceId
    this.#clock = options.clock ?? systemClock
    this.#calls = options.calls ?? systemCalls
    this.#maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES
    this.#number = nextNumber(options.dir, options.instanceId, this.#clock.now())
    this.#current = this.#newFile()
    this.#files.push(this.#current)
    this.#limit = this.#maxFileBytes
  }

  write(entries: readonly JournalEntry[]): number[] {
    const lines = entries.map(entry => this.#line(entry))
    let at = this.#append(lines.join(''))
    const ends = lines.map(line => at += Buffer.byteLength(line))
    entries.forEach((entry, index) => this.#noted(entry, lines[index]!, ends[index]!))
    if (entries.some(({ kind }) => kind === 'closed')) this.#listener()
    return ends
  }

  #line(entry: JournalEntry): string {
    switch (entry.kind) {
      case 'opened': return openedLine(entry.request, entry.terms)
      case 'usage': return usageLine({ requestId: entry.requestId, at: this.#clock.now(), usage: entry.usage, servedModel: entry.servedModel })
      case 'closed': return closedLine(entry.row)
    }
  }

  #noted(entry: JournalEntry, line: string, end: number): void {
    if (entry.kind === 'opened') this.#open.set(entry.request.requestId, { opened: line, usage: '' })
    else if (entry.kind === 'closed') {
      this.#recent.add(this.#current.name, entry.row, end)
      this.#open.delete(entry.row.requestId)
    }
    else {
      const open = this.#open.get(entry.requestId)
      if (open) open.usage = line
    }
  }

  pendingBytes(): number {
    return this.#files.reduce((sum, file) => sum + file.size - (this.#booked.get(file.name) ?? 0), 0)
  }

  wrote(name: string): boolean {
    return this.#names.has(name)
  }

  parts(): readonly JournalPart[] {
    return this.#files
  }

  recent(name: string, from: number, to: number): RecentRow[] | null {
    return this.#recent.between(name, from, to)
  }

  booked(name: string, offset: number): void {
    this.#booked.set(name, offset)
    this.#recent.booked(name, offset)
  }

  isBooked(name: string, offset: number): boolean {
    return (this.#booked.get(name) ?? 0) >= offset || !this.#files.some(file => file.name === name)
  }

  async drop(name: string): Promise<void> {
    const at = this.#files.findIndex(file => file.name === name && file !== this.#current)
    if (at < 0) return
    const [file] = this.#files.splice(at, 1)
    this.#booked.delete(name)
    this.#recent.drop(name)
    if (file) await rm(file.path, { force: true })
  }

  onClosed(listener: () => void): void {
    this.#listener = listener
  }

  async close(): Promise<void> {
    clearTimeout(this.#syncTimer)
    await this.#current.sync()
    await this.#current.close()
    this.lock.release()
  }

  /** Gives the offset at which the lines begin. */
  #append(lines: string): number {
    if (this.#current.size + lines.length > this.#limit) this.#rotate()
    const start = this.#current.append(lines)
    this.#syncTimer ??= setTimeout(() => this.#sync(), SYNC_PERIOD_MS).unref()
    return start
  }

  #sync(): void {
    this.#syncTimer = undefined
    this.#current.sync().catch((error: unknown) => this.options.logger.error({ err: error }, 'the journal could not be synced to the disk'))
  }

  /** The new file begins with the open requests, so that older files can go; without room for that the old one goes on. */
  #rotate(): void {
    let next: AppendFile | undefined
    try {
      next = this.#newFile()
      for (const { opened, usage } of this.#open.values()) next.append(opened + usage)
      next.syncNow()
    }
    catch (error) {
      this.options.logger.error({ err: error }, 'the journal could not begin a new file')
      if (next) this.#discard(next)
      this.#limit += this.#maxFileBytes
      return
    }
    this.#limit = next.size + this.#maxFileBytes
    const old = this.#current
    this.#current = next
    this.#files.push(next)
    old.sync().finally(() => old.close()).catch((error: unknown) => this.options.logger.error({ err: error }, 'a journal file could not be synced to the disk'))
  }

  #newFile(): AppendFile {
    const name = journalName(this.instanceId, this.#number++)
    this.#names.add(name)
    this.#recent.begin(name)
    return new AppendFile(name, join(this.options.dir, name), this.#calls)
  }

  #discard(file: AppendFile): void {
    rmSync(file.path, { force: true })
    file.close().catch((error: unknown) => this.options.logger.error({ err: error }, 'a journal file could not be closed'))
  }
}
