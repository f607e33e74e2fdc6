import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openJournal, type Journal, type JournalOptions } from '#server/billing/journal'
import { createLedger, type Ledger, type LedgerOptions } from '#server/billing/ledger'
import { rollUp, sumKeys, type RollUps } from '#server/billing/rollups'
import { createLedgerRepo, CursorMovedError, FILE_DONE, type LedgerRepo } from '#server/db/repos/ledger'
import { createLogger } from '#server/lib/logger'
import type { ClosedRequest } from '#shared/types/log'
import { noUsage } from '#shared/types/usage'
import { poll } from '../helpers/until'
import { closedRequest, openedRequest } from '../helpers/requests'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const logger = createLogger({ level: 'silent' })
const timeZone = 'America/New_York'
const NOON = Date.UTC(2026, 10, 22, 17)
const clock = { now: () => NOON }

describe.each(testDialects)('ledger on %s', (dialect) => {
  let test: TestStore
  let repo: LedgerRepo
  let dir: string
  let journals: Journal[]

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repo = createLedgerRepo(test.store)
  })

  afterAll(() => test.drop())

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'relay-ledger-'))
    journals = []
  })

  afterEach(async () => {
    for (const journal of journals) await journal.close()
    await rm(dir, { recursive: true })
    await clear()
  })

  async function clear(): Promise<void> {
    const { logs, journalCursors, usageHourly, usageDaily, usageSessions } = test.store.tables
    for (const table of [logs, journalCursors, usageHourly, usageDaily, usageSessions]) await test.store.db.delete(table)
  }

  function open(options: Partial<JournalOptions> = {}): Journal {
    const journal = openJournal({ dir, instanceId: `i${journals.length}`, logger, clock, ...options })
    journals.push(journal)
    return journal
  }

  const ledgerOf = (journal: Journal, options: Partial<LedgerOptions> = {}): Ledger =>
    createLedger({ dir, journal, repos: { ledger: repo }, clock, timeZone, logger, retryMs: { first: 1, max: 1 }, idleMs: 5, ...options })

  /** What a crash leaves: the files, and a lock that is free. */
  async function crash(journal: Journal): Promise<void> {
    journals.splice(journals.indexOf(journal), 1)
    await journal.close()
  }

  const rows = () => test.store.db.select().from(test.store.tables.logs)
  const sorted = <T>(items: T[]): string[] => items.map(item => JSON.stringify(item, Object.keys(item as object).sort())).sort()
  const isSomething = (bucket: Record<string, unknown>) => sumKeys.some(name => bucket[name] !== 0)

  /** Roll-ups in the database equal those of its rows. */
  async function expectInBalance(): Promise<void> {
    const { usageHourly, usageDaily, usageSessions } = test.store.tables
    const stored = {
      hourly: await test.store.db.select().from(usageHourly),
      daily: await test.store.db.select().from(usageDaily),
      sessions: await test.store.db.select().from(usageSessions),
    }
    const expected: RollUps = rollUp(await rows(), [], timeZone)
    // A row that was replaced may have settled at another time: the span of its session only widens.
    const withoutSpan = (list: RollUps['sessions']) => list.map(({ firstAt: _f, lastAt: _l, ...rest }) => rest)
    expect(sorted(stored.hourly.filter(isSomething))).toEqual(sorted(expected.hourly))
    expect(sorted(stored.daily.filter(isSomething))).toEqual(sorted(expected.daily))
    expect(sorted(withoutSpan(stored.sessions.filter(isSomething)))).toEqual(sorted(withoutSpan(expected.sessions)))
  }

  const byId = async () => new Map((await rows()).map(row => [row.requestId, row]))

  it('books each closed request once, with every field, and the roll-ups with it', async () => {
    const journal = open()
    const ledger = ledgerOf(journal)
    for (let i = 0; i < 450; i++) {
      journal.opened(openedRequest(`r${i}`))
      journal.closed(closedRequest(`r${i}`, { inputTokens: i, costNano: i * 7, sessionId: `s${i % 3}`, accountId: `a${i % 2}`, createdAt: NOON + i * 60_000 }))
    }
    await ledger.drain()
    expect(await rows()).toHaveLength(450)
    const { costParts, attempts, ...plain } = closedRequest('r9', { inputTokens: 9, costNano: 63, sessionId: 's0', accountId: 'a1', createdAt: NOON + 9 * 60_000 })
    expect((await byId()).get('r9')).toEqual({ ...plain, costParts: JSON.stringify(costParts), attempts: JSON.stringify(attempts) })
    await expectInBalance()
    expect(journal.pendingBytes()).toBe(0)
  })

  it('books by itself: a few rows after a moment, many at once', async () => {
    const journal = open()
    const slow = ledgerOf(journal, { idleMs: 3_600_000, batchRows: 10 })
    slow.start()
    for (let i = 0; i < 10; i++) journal.closed(closedRequest(`r${i}`))
    await poll(async () => (await rows()).length === 10 || undefined, 'ten rows')
    await slow.stop()
    const quick = ledgerOf(journal)
    quick.start()
    journal.closed(closedRequest('last'))
    await poll(async () => (await rows()).length === 11 || undefined, 'the last row')
    await quick.stop()
    await expectInBalance()
  })

  it('a request closed again is replaced and only the difference is booked, over hours, days and batches', async () => {
    const closing = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'), hours: fc.integer({ min: 0, max: 30 }), tokens: fc.nat(1000), outcome: fc.constantFrom('ok', 'truncated', 'interrupted', 'client_closed'),
      accountId: fc.constantFrom(null, 'x', 'y'), sessionId: fc.constantFrom(null, 's'), agentId: fc.constantFrom(null, 'g'), groupId: fc.constantFrom(null, 'g1'), ttfbMs: fc.constantFrom(null, 5),
    })
    await fc.assert(fc.asyncProperty(fc.array(closing, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (closings, batchRows) => {
      const journal = open()
      const ledger = ledgerOf(journal, { batchRows })
      const expected = new Map<string, ClosedRequest>()
      for (const { id, hours, tokens, ...some } of closings) {
        const row = closedRequest(id, { ...some, createdAt: NOON + hours * 3_600_000, outputTokens: tokens, billedNano: tokens * 3 } as Partial<ClosedRequest>)
        journal.closed(row)
        if (row.outcome !== 'interrupted' || !expected.has(id)) expected.set(id, row)
      }
      await ledger.drain()
      const found = await byId()
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
      for (const [id, row] of expected) expect(found.get(id)).toMatchObject({ outputTokens: row.outputTokens, outcome: row.outcome, createdAt: row.createdAt })
      await expectInBalance()
      await crash(journal)
      await clear()
    }), { numRuns: dialect === 'sqlite' ? 60 : 20 })
  }, 60_000)

  it('the span of a session covers its requests', async () => {
    const journal = open()
    for (const [id, at] of [['a', 5000], ['b', 1000], ['c', 9000]] as const) {
      journal.closed(closedRequest(id, { startedAt: at, createdAt: at + 10 }))
      await ledgerOf(journal).drain()
    }
    expect(await test.store.db.select().from(test.store.tables.usageSessions)).toMatchObject([{ firstAt: 1000, lastAt: 9010, requests: 3 }])
  })

  it('what no column takes is cut, so that one odd row holds up nothing', async () => {
    const journal = open()
    const long = '😀é\u0000'.repeat(500)
    const odd = { model: long, servedModel: long, errorMessage: long, sessionId: long, clientVersion: `${long}\uD800`, stopReason: long, keyName: long, ip: 'é::1', durationMs: 1e12, ttfbMs: -3, errorType: long }
    journal.closed(closedRequest('odd', odd))
    journal.closed(closedRequest('next'))
    await ledgerOf(journal).drain()
    expect([...(await byId()).keys()].sort()).toEqual(['next', 'odd'])
    expect((await byId()).get('odd')).toMatchObject({ ip: '::1', durationMs: 2_147_483_647, ttfbMs: 0 })
    await expectInBalance()
  })

  it('a database that is away loses nothing: the journal grows, and all is booked when it is back', async () => {
    const journal = open()
    let away = true
    const flaky: LedgerRepo = { ...repo, book: async (booking) => {
      if (away) throw new Error('connection refused')
      await repo.book(booking)
    } }
    const warnings: number[] = []
    const watched = createLogger({ level: 'warn', destination: { write: (line: string) => { warnings.push((JSON.parse(line) as { pendingBytes: number }).pendingBytes) } } })
    const ledger = ledgerOf(journal, { repos: { ledger: flaky }, logger: watched })
    ledger.start()
    for (let i = 0; i < 20; i++) journal.closed(closedRequest(`r${i}`))
    const drained = ledger.drain()
    await poll(() => warnings.length > 0 || undefined, 'a warning')
    for (let i = 20; i < 40; i++) journal.closed(closedRequest(`r${i}`))
    expect(journal.pendingBytes()).toBeGreaterThan(0)
    away = false
    await drained
    await ledger.drain()
    expect(await rows()).toHaveLength(40)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toBeGreaterThan(0)
    await expectInBalance()
    await ledger.stop()
  })

  it('stop has an end even when the database never answers', async () => {
    const journal = open()
    const dead: LedgerRepo = { ...repo, cursor: () => new Promise(() => undefined) }
    const ledger = ledgerOf(journal, { repos: { ledger: dead } })
    journal.closed(closedRequest('r1'))
    const drained = expect(ledger.drain()).rejects.toThrow(/stopped/)
    await ledger.stop(20)
    await drained
    await expect(ledger.drain()).rejects.toThrow(/stopped/)
  })

  it('a booking whose answer got lost is not repeated', async () => {
    const journal = open()
    let lost = 0
    const deaf: LedgerRepo = { ...repo, book: async (booking) => {
      await repo.book(booking)
      if (lost++ % 2 === 0) throw new Error('connection lost after the commit')
    } }
    for (let i = 0; i < 50; i++) journal.closed(closedRequest(`r${i}`))
    await ledgerOf(journal, { repos: { ledger: deaf }, batchRows: 7 }).drain()
    expect(await rows()).toHaveLength(50)
    await expectInBalance()
  })

  it('of two that book the same file each request is booked once', async () => {
    const journal = open()
    for (let i = 0; i < 60; i++) journal.closed(closedRequest(`r${i}`, { sessionId: `s${i}` }))
    await Promise.all([ledgerOf(journal, { batchRows: 3 }).drain(), ledgerOf(journal, { batchRows: 5 }).drain()])
    expect(await rows()).toHaveLength(60)
    await expectInBalance()
  })

  it('a cursor that stands elsewhere refuses the whole booking', async () => {
    const booking = { file: 'f', at: NOON, timeZone, rows: [closedRequest('r1')] }
    await repo.book({ ...booking, from: 0, to: 10 })
    await expect(repo.book({ ...booking, from: 0, to: 20, rows: [closedRequest('r2')] })).rejects.toThrow(CursorMovedError)
    await expect(repo.book({ ...booking, from: 9, to: 20, rows: [closedRequest('r2')] })).rejects.toThrow(CursorMovedError)
    expect(await repo.cursor('f')).toBe(10)
    expect([...(await byId()).keys()]).toEqual(['r1'])
    await repo.forget('f')
    expect(await repo.cursor('f')).toBeNull()
  })

  it('files that are booked to their end are deleted, the one being written stays', async () => {
    const journal = open({ maxFileBytes: 3000 })
    const ledger = ledgerOf(journal)
    journal.opened(openedRequest('long'))
    for (let i = 0; i < 20; i++) journal.closed(closedRequest(`r${i}`))
    expect(journal.parts().length).toBeGreaterThan(2)
    await ledger.drain()
    await ledger.drain()
    expect(journal.parts()).toHaveLength(1)
    expect((await readdir(dir)).filter(name => name.endsWith('.jsonl'))).toEqual([journal.parts()[0]?.name])
    expect((await test.store.db.select().from(test.store.tables.journalCursors)).map(row => row.file)).toEqual([journal.parts()[0]?.name])
    journal.closed(closedRequest('long'))
    await ledger.drain()
    expect(await rows()).toHaveLength(21)
    await expectInBalance()
  })

  describe('after a crash', () => {
    /** Three files' worth: closed ones, two cut ones, one closed twice, one of them partly booked already. */
    async function leftovers(): Promise<void> {
      const journal = open({ maxFileBytes: 4000 })
      journal.opened(openedRequest('cut'), { multiplierBp: 20_000, priceBy: 'served' })
      journal.usage('cut', { ...noUsage(), inputTokens: 1000 }, 'claude-haiku-4-5')
      for (let i = 0; i < 12; i++) {
        journal.opened(openedRequest(`r${i}`))
        journal.closed(closedRequest(`r${i}`))
        if (i === 5) await ledgerOf(journal).drain()
      }
      journal.opened(openedRequest('silent', { model: 'gpt-5' }))
      journal.closed(closedRequest('r11', { outcome: 'client_closed', status: 499 }))
      await crash(journal)
    }

    async function expectRecovered(): Promise<void> {
      const found = await byId()
      expect([...found.keys()].sort()).toEqual([...Array.from({ length: 12 }, (_, i) => `r${i}`), 'cut', 'silent'].sort())
      expect(found.get('cut')).toMatchObject({
        outcome: 'interrupted', status: 500, usageComplete: false, inputTokens: 1000, servedModel: 'claude-haiku-4-5',
        priced: true, costNano: 1_000_000, billedNano: 2_000_000, durationMs: NOON - openedRequest('').startedAt,
      })
      expect(found.get('silent')).toMatchObject({ outcome: 'interrupted', inputTokens: 0, costNano: 0, priced: false, usageComplete: false })
      expect(found.get('r11')).toMatchObject({ outcome: 'client_closed', status: 499 })
      await expectInBalance()
    }

    it('every written line is booked, cut requests become interrupted rows, and the files go', async () => {
      await leftovers()
      const journal = open({ instanceId: 'later' })
      await ledgerOf(journal).recover()
      await expectRecovered()
      expect((await readdir(dir)).sort()).toEqual(['gate.lock', journal.parts()[0]?.name ?? '', 'journal-later.lock'].sort())
      expect(await test.store.db.select().from(test.store.tables.journalCursors)).toEqual([])
    })

    it('the same instance finds its own old files and leaves the new one alone', async () => {
      await leftovers()
      const journal = open({ instanceId: 'i0' })
      const ledger = ledgerOf(journal)
      journal.opened(openedRequest('now'))
      await ledger.recover()
      await ledger.recover()
      await expectRecovered()
      journal.closed(closedRequest('now'))
      await ledger.drain()
      expect((await byId()).get('now')?.outcome).toBe('ok')
      await expectInBalance()
    })

    it('a writer that lives is let alone', async () => {
      const living = open()
      living.opened(openedRequest('running'))
      living.closed(closedRequest('done'))
      await ledgerOf(open()).recover()
      expect(await rows()).toEqual([])
      await ledgerOf(living).drain()
      expect([...(await byId()).keys()]).toEqual(['done'])
    })

    it('another crash between any two steps of the recovery changes nothing', async () => {
      /** Fails at the n-th call, before or after it took effect; everything later fails, too, as for a dead process. */
      const dying = (steps: number, after: boolean): LedgerRepo => {
        let left = steps
        const step = async <T>(call: () => Promise<T>): Promise<T> => {
          left--
          if (left > 0) return call()
          if (left === 0 && after) await call()
          throw new Error('dead')
        }
        return {
          cursor: file => step(() => repo.cursor(file)),
          book: booking => step(() => repo.book(booking)),
          forget: file => step(() => repo.forget(file)),
          forgetInstance: id => step(() => repo.forgetInstance(id)),
        }
      }
      let deaths = 0
      for (let steps = 1; ; steps++) {
        await leftovers()
        let died = 0
        for (const after of [false, true]) {
          const journal = open({ instanceId: `later${steps}${after}` })
          await ledgerOf(journal, { repos: { ledger: dying(steps, after) }, batchRows: 3 }).recover().catch(() => died++)
          await crash(journal)
        }
        await ledgerOf(open({ instanceId: 'final' }), { batchRows: 3 }).recover()
        await expectRecovered()
        expect((await readdir(dir)).filter(name => name.endsWith('.jsonl'))).toHaveLength(1)
        expect(await test.store.db.select().from(test.store.tables.journalCursors)).toEqual([])
        await crash(journals.at(-1) ?? open())
        await clear()
        for (const name of await readdir(dir)) await rm(join(dir, name))
        deaths += died
        if (died === 0) break
      }
      expect(deaths).toBeGreaterThan(8)
    }, 120_000)

    it('a file marked as done is only deleted, whatever it holds', async () => {
      const journal = open()
      journal.opened(openedRequest('cut'))
      const name = journal.parts()[0]?.name ?? ''
      await crash(journal)
      await repo.book({ file: name, from: 0, to: FILE_DONE, at: NOON, timeZone, rows: [] })
      await ledgerOf(open({ instanceId: 'later' })).recover()
      expect(await rows()).toEqual([])
      expect(await readdir(dir)).not.toContain(name)
    })

    it('more cut requests than fit one batch are each booked once', async () => {
      const journal = open()
      for (let i = 0; i < 25; i++) journal.opened(openedRequest(`r${i}`))
      await crash(journal)
      await ledgerOf(open({ instanceId: 'later' }), { batchRows: 10 }).recover()
      expect(await rows()).toHaveLength(25)
      await expectInBalance()
    })
  })
})
