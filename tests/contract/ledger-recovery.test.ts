import { appendFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closedLine } from '#server/billing/journal-lines'
import { FILE_DONE, type LedgerRepo } from '#server/db/repos/ledger'
import { noUsage } from '#shared/types/usage'
import { closed, noted, opened } from '../helpers/journal'
import { LedgerBench, NOON, timeZone } from '../helpers/ledger-bench'
import { closedRequest, openedRequest } from '../helpers/requests'
import { testDialects } from '../helpers/store'

describe.each(testDialects)('after a crash, on %s', (dialect) => {
  const bench = new LedgerBench(dialect)

  /** Three files' worth: closed ones, two cut ones, one closed twice, one of them partly booked already. */
  async function leftovers(): Promise<void> {
    const journal = bench.open({ maxFileBytes: 4000 })
    opened(journal, openedRequest('cut'), { multiplierBp: 20_000, priceBy: 'served' })
    noted(journal, 'cut', { ...noUsage(), inputTokens: 1000 }, 'claude-haiku-4-5')
    for (let i = 0; i < 12; i++) {
      opened(journal, openedRequest(`r${i}`))
      closed(journal, closedRequest(`r${i}`))
      if (i === 5) await bench.ledger(journal).drain()
    }
    opened(journal, openedRequest('silent', { model: 'gpt-5' }))
    closed(journal, closedRequest('r11', { outcome: 'client_closed', status: 499 }))
    await bench.crash(journal)
  }

  async function expectRecovered(): Promise<void> {
    const found = await bench.byId()
    expect([...found.keys()].sort()).toEqual([...Array.from({ length: 12 }, (_, i) => `r${i}`), 'cut', 'silent'].sort())
    expect(found.get('cut')).toMatchObject({
      outcome: 'interrupted', status: 500, usageComplete: false, inputTokens: 1000, servedModel: 'claude-haiku-4-5',
      priced: true, costNano: 1_000_000, billedNano: 2_000_000, durationMs: NOON - openedRequest('').startedAt,
    })
    expect(found.get('silent')).toMatchObject({ outcome: 'interrupted', inputTokens: 0, costNano: 0, priced: false, usageComplete: false })
    expect(found.get('r11')).toMatchObject({ outcome: 'client_closed', status: 499 })
    await bench.expectInBalance()
  }

  it('every written line is booked, cut requests become interrupted rows, and the files go', async () => {
    await leftovers()
    const journal = bench.open({ instanceId: 'later' })
    await bench.ledger(journal).recover()
    await expectRecovered()
    expect((await readdir(bench.dir)).sort()).toEqual(['gate.lock', journal.parts()[0]?.name ?? '', 'journal-later.lock'].sort())
    expect(await bench.cursors()).toEqual([])
  })

  it('the same instance finds its own old files and leaves the new one alone', async () => {
    await leftovers()
    const journal = bench.open({ instanceId: 'i0' })
    const ledger = bench.ledger(journal)
    opened(journal, openedRequest('now'))
    await ledger.recover()
    await ledger.recover()
    await expectRecovered()
    closed(journal, closedRequest('now'))
    await ledger.drain()
    expect((await bench.byId()).get('now')?.outcome).toBe('ok')
    await bench.expectInBalance()
  })

  it('a writer that lives is let alone', async () => {
    const living = bench.open()
    opened(living, openedRequest('running'))
    closed(living, closedRequest('done'))
    await bench.ledger(bench.open()).recover()
    expect(await bench.rows()).toEqual([])
    await bench.ledger(living).drain()
    expect([...(await bench.byId()).keys()]).toEqual(['done'])
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
        cursor: file => step(() => bench.repo.cursor(file)),
        book: booking => step(() => bench.repo.book(booking)),
        forget: file => step(() => bench.repo.forget(file)),
        forgetInstance: id => step(() => bench.repo.forgetInstance(id)),
      }
    }
    let deaths = 0
    for (let steps = 1; ; steps++) {
      await leftovers()
      let died = 0
      for (const after of [false, true]) {
        const journal = bench.open({ instanceId: `later${steps}${after}` })
        await bench.ledger(journal, { repos: { ledger: dying(steps, after) }, batchRows: 3 }).recover().catch(() => died++)
        await bench.crash(journal)
      }
      const last = bench.open({ instanceId: 'last' })
      await bench.ledger(last, { batchRows: 3 }).recover()
      await expectRecovered()
      expect(await bench.files()).toHaveLength(1)
      expect(await bench.cursors()).toEqual([])
      await bench.crash(last)
      await bench.clear()
      for (const name of await readdir(bench.dir)) await rm(join(bench.dir, name))
      deaths += died
      if (died === 0) break
    }
    expect(deaths).toBeGreaterThan(8)
  }, 120_000)

  it('a file marked as done is only deleted, whatever it holds', async () => {
    const journal = bench.open()
    opened(journal, openedRequest('cut'))
    const name = journal.parts()[0]?.name ?? ''
    await bench.crash(journal)
    await bench.repo.book({ file: name, from: 0, to: FILE_DONE, at: NOON, timeZone, rows: [] })
    await bench.ledger(bench.open({ instanceId: 'later' })).recover()
    expect(await bench.rows()).toEqual([])
    expect(await readdir(bench.dir)).not.toContain(name)
  })

  it('a closed line that was only written in part leaves its request open', async () => {
    const journal = bench.open()
    opened(journal, openedRequest('torn'))
    opened(journal, openedRequest('fine'))
    const path = journal.parts()[0]?.path ?? ''
    await bench.crash(journal)
    const line = closedLine(closedRequest('torn'))
    await appendFile(path, `${line.slice(0, line.lastIndexOf('}', line.length - 3) + 1)}\n${closedLine(closedRequest('fine'))}${line.slice(0, 300)}`)
    await bench.ledger(bench.open({ instanceId: 'later' })).recover()
    expect([...(await bench.byId()).values()].map(row => [row.requestId, row.outcome]).sort()).toEqual([['fine', 'ok'], ['torn', 'interrupted']])
    await bench.expectInBalance()
  })

  it('more cut requests than fit one batch are each booked once', async () => {
    const journal = bench.open()
    for (let i = 0; i < 25; i++) opened(journal, openedRequest(`r${i}`))
    await bench.crash(journal)
    await bench.ledger(bench.open({ instanceId: 'later' }), { batchRows: 10 }).recover()
    expect(await bench.rows()).toHaveLength(25)
    await bench.expectInBalance()
  })
})
