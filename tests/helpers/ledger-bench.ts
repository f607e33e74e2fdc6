import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { openJournal, type Journal, type JournalOptions } from '#server/billing/journal'
import { createLedger, type Ledger, type LedgerOptions } from '#server/billing/ledger'
import { rollUp, sumKeys, type RollUps } from '#server/billing/rollups'
import { createLedgerRepo, type LedgerRepo } from '#server/db/repos/ledger'
import type { LogRow } from '#server/db/repos/logs'
import { createLogger } from '#server/lib/logger'
import { openTestStore, type Dialect, type TestStore } from './store'

export const silent = createLogger({ level: 'silent' })
export const timeZone = 'America/New_York'
export const NOON = Date.UTC(2026, 10, 22, 17)
const clock = { now: () => NOON }

const sorted = <T extends object>(items: T[]): string[] => items.map(item => JSON.stringify(item, Object.keys(item).sort())).sort()
const isSomething = (bucket: Record<string, unknown>) => sumKeys.some(name => bucket[name] !== 0)
/** A row that was replaced may have settled at another time: the span of its session only widens. */
const withoutSpan = (list: RollUps['sessions']) => list.map(({ firstAt: _firstAt, lastAt: _lastAt, ...rest }) => rest)

/** Journals and ledgers over one database per file and one folder per test. */
export class LedgerBench {
  private test!: TestStore
  repo!: LedgerRepo
  dir = ''
  private journals: Journal[] = []

  /** Call inside `describe`. */
  constructor(dialect: Dialect) {
    beforeAll(async () => {
      this.test = await openTestStore(dialect)
      this.repo = createLedgerRepo(this.test.store)
    })
    afterAll(() => this.test.drop())
    beforeEach(async () => {
      this.dir = await mkdtemp(join(tmpdir(), 'relay-ledger-'))
    })
    afterEach(async () => {
      for (const journal of [...this.journals]) await this.crash(journal)
      await rm(this.dir, { recursive: true })
      await this.clear()
    })
  }

  get store() {
    return this.test.store
  }

  get tables() {
    return this.store.tables
  }

  open(options: Partial<JournalOptions> = {}): Journal {
    const journal = openJournal({ dir: this.dir, instanceId: `i${this.journals.length}`, logger: silent, clock, ...options })
    this.journals.push(journal)
    return journal
  }

  ledger(journal: Journal, options: Partial<LedgerOptions> = {}): Ledger {
    const repos = { ledger: this.repo }
    return createLedger({ dir: this.dir, journal, repos, clock, timeZone, logger: silent, retryMs: { first: 1, max: 1 }, idleMs: 5, ...options })
  }

  /** What a crash leaves: the files, and a lock that is free. */
  async crash(journal: Journal): Promise<void> {
    this.journals.splice(this.journals.indexOf(journal), 1)
    await journal.close()
  }

  async clear(): Promise<void> {
    const { logs, journalCursors, unpriced, usageHourly, usageDaily, usageSessions, settings } = this.tables
    for (const table of [logs, unpriced, journalCursors, usageHourly, usageDaily, usageSessions, settings]) await this.store.db.delete(table)
  }

  rows(): Promise<LogRow[]> {
    return this.store.db.select().from(this.tables.logs)
  }

  async byId(): Promise<Map<string, LogRow>> {
    return new Map((await this.rows()).map(row => [row.requestId, row]))
  }

  cursors() {
    return this.store.db.select().from(this.tables.journalCursors)
  }

  async files(): Promise<string[]> {
    return (await readdir(this.dir)).filter(name => name.endsWith('.jsonl'))
  }

  /** Roll-ups in the database equal those of its rows. */
  async expectInBalance(): Promise<void> {
    const { usageHourly, usageDaily, usageSessions } = this.tables
    const { db } = this.store
    const expected = rollUp(await this.rows(), [], timeZone)
    expect(sorted((await db.select().from(usageHourly)).filter(isSomething))).toEqual(sorted(expected.hourly))
    expect(sorted((await db.select().from(usageDaily)).filter(isSomething))).toEqual(sorted(expected.daily))
    expect(sorted(withoutSpan((await db.select().from(usageSessions)).filter(isSomething)))).toEqual(sorted(withoutSpan(expected.sessions)))
  }
}
