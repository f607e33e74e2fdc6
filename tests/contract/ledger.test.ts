import { describe, expect, it } from 'vitest'
import { CursorMovedError, type LedgerRepo } from '#server/db/repos/ledger'
import { createLogger } from '#server/lib/logger'
import type { ClosedRequest } from '#shared/types/log'
import { closed, opened } from '../helpers/journal'
import { LedgerBench, NOON, timeZone } from '../helpers/ledger-bench'
import { closedRequest, openedRequest } from '../helpers/requests'
import { testDialects } from '../helpers/store'
import { poll } from '../helpers/until'
import { fc, runs } from '../helpers/property'

describe.each(testDialects)('ledger on %s', (dialect) => {
  const bench = new LedgerBench(dialect)

  it('books each closed request once, with every field, and the roll-ups with it', async () => {
    const journal = bench.open()
    const ledger = bench.ledger(journal)
    for (let i = 0; i < 450; i++) {
      opened(journal, openedRequest(`r${i}`))
      closed(journal, closedRequest(`r${i}`, { inputTokens: i, costNano: i * 7, sessionId: `s${i % 3}`, accountId: `a${i % 2}`, createdAt: NOON + i * 60_000 }))
    }
    await ledger.drain()
    expect(await bench.rows()).toHaveLength(450)
    const { costParts, attempts, ...plain } = closedRequest('r9', { inputTokens: 9, costNano: 63, sessionId: 's0', accountId: 'a1', createdAt: NOON + 9 * 60_000 })
    expect((await bench.byId()).get('r9')).toEqual({ ...plain, priceVersionBefore: null, repricedAt: null, costParts: JSON.stringify(costParts), attempts: JSON.stringify(attempts) })
    await bench.expectInBalance()
    expect(journal.pendingBytes()).toBe(0)
  })

  it('books by itself: a few rows after a moment, many at once', async () => {
    const journal = bench.open()
    const slow = bench.ledger(journal, { idleMs: 3_600_000, batchRows: 10 })
    slow.start()
    for (let i = 0; i < 10; i++) closed(journal, closedRequest(`r${i}`))
    await poll(async () => (await bench.rows()).length === 10 || undefined, 'ten rows')
    await slow.stop()
    const quick = bench.ledger(journal)
    quick.start()
    closed(journal, closedRequest('last'))
    await poll(async () => (await bench.rows()).length === 11 || undefined, 'the last row')
    await quick.stop()
    await bench.expectInBalance()
  })

  it('a request closed again is replaced and only the difference is booked, over hours, days and batches', async () => {
    const closing = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'), hours: fc.integer({ min: 0, max: 30 }), tokens: fc.nat(1000), outcome: fc.constantFrom('ok', 'truncated', 'interrupted', 'client_closed'),
      accountId: fc.constantFrom(null, 'x', 'y'), sessionId: fc.constantFrom(null, 's'), agentId: fc.constantFrom(null, 'g'), groupId: fc.constantFrom(null, 'g1'), ttfbMs: fc.constantFrom(null, 5),
    })
    await fc.assert(fc.asyncProperty(fc.array(closing, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (closings, batchRows) => {
      const journal = bench.open()
      const ledger = bench.ledger(journal, { batchRows })
      const expected = new Map<string, ClosedRequest>()
      for (const { id, hours, tokens, ...some } of closings) {
        const row = closedRequest(id, { ...some, createdAt: NOON + hours * 3_600_000, outputTokens: tokens, billedNano: tokens * 3 } as Partial<ClosedRequest>)
        closed(journal, row)
        if (row.outcome !== 'interrupted' || !expected.has(id)) expected.set(id, row)
      }
      await ledger.drain()
      const found = await bench.byId()
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
      for (const [id, row] of expected) expect(found.get(id)).toMatchObject({ outputTokens: row.outputTokens, outcome: row.outcome, createdAt: row.createdAt })
      await bench.expectInBalance()
      await bench.crash(journal)
      await bench.clear()
    }), runs(dialect === 'sqlite' ? 60 : 20))
  }, 60_000)

  it('the span of a session covers its requests', async () => {
    const journal = bench.open()
    for (const [id, at] of [['a', 5000], ['b', 1000], ['c', 9000]] as const) {
      closed(journal, closedRequest(id, { startedAt: at, createdAt: at + 10 }))
      await bench.ledger(journal).drain()
    }
    expect(await bench.store.db.select().from(bench.tables.usageSessions)).toMatchObject([{ firstAt: 1000, lastAt: 9010, requests: 3 }])
  })

  it('what no column takes is cut, so that one odd row holds up nothing', async () => {
    const journal = bench.open()
    const long = '😀é\u0000'.repeat(500)
    const odd = { model: long, servedModel: long, errorMessage: long, sessionId: long, clientVersion: `${long}\uD800`, stopReason: long, keyName: long, ip: 'é::1', durationMs: 1e12, ttfbMs: -3, errorType: long }
    closed(journal, closedRequest('odd', odd))
    closed(journal, closedRequest('next'))
    await bench.ledger(journal).drain()
    expect([...(await bench.byId()).keys()].sort()).toEqual(['next', 'odd'])
    expect((await bench.byId()).get('odd')).toMatchObject({ ip: '::1', durationMs: 2_147_483_647, ttfbMs: 0 })
    await bench.expectInBalance()
  })

  it('a database that is away loses nothing: the journal grows, and all is booked when it is back', async () => {
    const journal = bench.open()
    let away = true
    const flaky: LedgerRepo = { ...bench.repo, book: async (booking) => {
      if (away) throw new Error('connection refused')
      await bench.repo.book(booking)
    } }
    const warnings: number[] = []
    const write = (line: string) => void warnings.push((JSON.parse(line) as { pendingBytes: number }).pendingBytes)
    const watched = createLogger({ level: 'warn', destination: { write } })
    const ledger = bench.ledger(journal, { repos: { ledger: flaky }, logger: watched })
    ledger.start()
    for (let i = 0; i < 20; i++) closed(journal, closedRequest(`r${i}`))
    const drained = ledger.drain()
    await poll(() => warnings.length > 0 || undefined, 'a warning')
    for (let i = 20; i < 40; i++) closed(journal, closedRequest(`r${i}`))
    expect(journal.pendingBytes()).toBeGreaterThan(0)
    away = false
    await drained
    await ledger.drain()
    expect(await bench.rows()).toHaveLength(40)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toBeGreaterThan(0)
    await bench.expectInBalance()
    await ledger.stop()
  })

  it('stop has an end even when the database never answers', async () => {
    const journal = bench.open()
    const dead: LedgerRepo = { ...bench.repo, cursor: () => new Promise(() => undefined) }
    const ledger = bench.ledger(journal, { repos: { ledger: dead } })
    closed(journal, closedRequest('r1'))
    const drained = expect(ledger.drain()).rejects.toThrow(/stopped/)
    await ledger.stop(20)
    await drained
    await expect(ledger.drain()).rejects.toThrow(/stopped/)
  })

  it('a booking whose answer got lost is not repeated', async () => {
    const journal = bench.open()
    let lost = 0
    const deaf: LedgerRepo = { ...bench.repo, book: async (booking) => {
      await bench.repo.book(booking)
      if (lost++ % 2 === 0) throw new Error('connection lost after the commit')
    } }
    for (let i = 0; i < 50; i++) closed(journal, closedRequest(`r${i}`))
    await bench.ledger(journal, { repos: { ledger: deaf }, batchRows: 7 }).drain()
    expect(await bench.rows()).toHaveLength(50)
    await bench.expectInBalance()
  })

  it('of two that book the same file each request is booked once', async () => {
    const journal = bench.open()
    for (let i = 0; i < 60; i++) closed(journal, closedRequest(`r${i}`, { sessionId: `s${i}` }))
    await Promise.all([bench.ledger(journal, { batchRows: 3 }).drain(), bench.ledger(journal, { batchRows: 5 }).drain()])
    expect(await bench.rows()).toHaveLength(60)
    await bench.expectInBalance()
  })

  it('a cursor that stands elsewhere refuses the whole booking', async () => {
    const booking = { file: 'f', at: NOON, timeZone, rows: [closedRequest('r1')] }
    await bench.repo.book({ ...booking, from: 0, to: 10 })
    await expect(bench.repo.book({ ...booking, from: 0, to: 20, rows: [closedRequest('r2')] })).rejects.toThrow(CursorMovedError)
    await expect(bench.repo.book({ ...booking, from: 9, to: 20, rows: [closedRequest('r2')] })).rejects.toThrow(CursorMovedError)
    expect(await bench.repo.cursor('f')).toBe(10)
    expect([...(await bench.byId()).keys()]).toEqual(['r1'])
    await bench.repo.forget('f')
    expect(await bench.repo.cursor('f')).toBeNull()
  })

  it('files that are booked to their end are deleted, their cursors a minute later; the one being written stays', async () => {
    const clock = { time: NOON, now: () => clock.time }
    const journal = bench.open({ maxFileBytes: 3000 })
    const ledger = bench.ledger(journal, { clock })
    opened(journal, openedRequest('long'))
    for (let i = 0; i < 20; i++) closed(journal, closedRequest(`r${i}`))
    expect(journal.parts().length).toBeGreaterThan(2)
    await ledger.drain()
    await ledger.drain()
    expect(journal.parts()).toHaveLength(1)
    expect(await bench.files()).toEqual([journal.parts()[0]?.name])
    expect((await bench.cursors()).length).toBeGreaterThan(2)
    clock.time += 60_000
    await ledger.drain()
    expect((await bench.cursors()).map(row => row.file)).toEqual([journal.parts()[0]?.name])
    closed(journal, closedRequest('long'))
    await ledger.drain()
    expect(await bench.rows()).toHaveLength(21)
    await bench.expectInBalance()
  })
})
