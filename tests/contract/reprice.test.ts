import { describe, expect, it } from 'vitest'
import { createPriceBook, type PriceBook } from '#server/billing/prices'
import { createRepricer } from '#server/billing/reprice'
import { createUnpricedRepo, type RepricedRow } from '#server/db/repos/unpriced'
import type { ClosedRequest } from '#shared/types/log'
import { closed } from '../helpers/journal'
import { LedgerBench, NOON, silent, timeZone } from '../helpers/ledger-bench'
import { ownPrice, unpricedRequest } from '../helpers/prices'
import { closedRequest } from '../helpers/requests'
import { testDialects } from '../helpers/store'

const later = NOON + 86_400_000
describe.each(testDialects)('rows without a price, on %s', (dialect) => {
  const bench = new LedgerBench(dialect)
  const repo = () => createUnpricedRepo(bench.store)
  const repricer = (prices: PriceBook, batchRows = 7) => createRepricer({ unpriced: repo(), prices, clock: { now: () => later }, timeZone, logger: silent, batchRows })

  async function booked(...rows: ClosedRequest[]): Promise<void> {
    const journal = bench.open()
    for (const row of rows) closed(journal, row)
    await bench.ledger(journal).drain()
  }

  it('are counted by the name that is looked up; rows that used nothing do not wait', async () => {
    await booked(
      unpricedRequest('a', { createdAt: NOON }), unpricedRequest('b', { createdAt: NOON + 5, inputTokens: 100 }),
      unpricedRequest('c', { model: 'claude-opus-5-5', servedModel: 'kimi-x', priceBy: 'served' }),
      unpricedRequest('d', { inputTokens: 0, outputTokens: 0, outcome: 'no_account' }), closedRequest('e'),
    )
    expect(await repo().waiting()).toEqual([
      { model: 'glm-9', rows: 2, tokens: 120, firstAt: NOON, lastAt: NOON + 5 },
      { model: 'kimi-x', rows: 1, tokens: 15, firstAt: expect.any(Number), lastAt: expect.any(Number) },
    ])
  })

  it('get their price by the terms of their time, and keep what they were', async () => {
    await booked(unpricedRequest('a', { multiplierBp: 15_000 }), unpricedRequest('x', { model: 'unknown-still' }), closedRequest('e'))
    const told: RepricedRow[] = []
    const run = repricer(createPriceBook([ownPrice('glm-*')]))
    run.onRepriced(rows => void told.push(...rows))
    expect(await run.run()).toBe(1)
    const rows = await bench.byId()
    expect(rows.get('a')).toMatchObject({ priced: true, priceVersion: 'own-p1', priceVersionBefore: 'before', repricedAt: later, costNano: 75_000, billedNano: 112_500 })
    expect(JSON.parse(rows.get('a')?.costParts ?? '')).toMatchObject({ input: 30_000_000, output: 45_000_000 })
    expect(rows.get('x')).toMatchObject({ priced: false, costNano: 0, repricedAt: null })
    expect(rows.get('e')).toMatchObject({ costNano: 70_000, priceVersion: 'v1', repricedAt: null })
    expect(told).toMatchObject([{ requestId: 'a', apiKeyId: 'key1', costNano: 75_000, billedNano: 112_500 }])
    expect((await repo().waiting()).map(({ model }) => model)).toEqual(['unknown-still'])
    await bench.expectInBalance()
  })

  it('are priced once, however many run at the same time', async () => {
    await booked(...Array.from({ length: 40 }, (_, at) => unpricedRequest(`r${at}`, { createdAt: NOON + at * 3_600_000 })))
    const book = createPriceBook([ownPrice('glm-9')])
    const counts = await Promise.all([repricer(book).run(), repricer(book, 3).run(), repricer(book, 11).run()])
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
    expect((await bench.rows()).every(row => row.costNano === 75_000)).toBe(true)
    await bench.expectInBalance()
  })

  it('a run that breaks in the middle leaves whole batches, and the next one does the rest', async () => {
    await booked(...Array.from({ length: 20 }, (_, at) => unpricedRequest(`r${at}`)))
    const book = createPriceBook([ownPrice('glm-9')])
    let left = 11
    const breaking: PriceBook = { ...book, cost: (...args) => {
      if (left-- === 0) throw new Error('ended')
      return book.cost(...args)
    } }
    await expect(repricer(breaking).run()).rejects.toThrow('ended')
    expect((await bench.rows()).filter(row => row.priced)).toHaveLength(7)
    await bench.expectInBalance()
    expect(await repricer(book).run()).toBe(13)
    await bench.expectInBalance()
  })

  it('a late end of a row that was priced meanwhile waits again and ends up counted once', async () => {
    await booked(unpricedRequest('a', { outcome: 'interrupted', outputTokens: 0 }))
    const run = repricer(createPriceBook([ownPrice('glm-9')]))
    await run.run()
    await booked(unpricedRequest('a', { outputTokens: 50 }))
    await bench.expectInBalance()
    expect(await run.run()).toBe(1)
    expect((await bench.byId()).get('a')).toMatchObject({ outcome: 'ok', costNano: 480_000 })
    await bench.expectInBalance()
  })

  it('a row that was pruned meanwhile holds up nothing, and a listener that fails takes no row back', async () => {
    await booked(unpricedRequest('a'), unpricedRequest('b'))
    await bench.store.db.delete(bench.tables.logs)
    await booked(unpricedRequest('c'))
    const run = repricer(createPriceBook([ownPrice('glm-9')]))
    run.onRepriced(() => {
      throw new Error('no')
    })
    expect(await run.run()).toBe(1)
    expect(await repo().waiting()).toEqual([])
  })
})
