import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rollUp, sumKeys } from '#server/billing/rollups'
import { openStore, type OpenStore } from '#server/db/client'
import { createLedgerRepo } from '#server/db/repos/ledger'
import { createUnpricedRepo } from '#server/db/repos/unpriced'
import { unpricedRequest } from '../helpers/prices'
import { dropMysql, freshMysqlUrl, migrationsOf, sqliteWorkerUrl, testDialects } from '../helpers/store'

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const timeZone = 'America/New_York'
const ROWS = 90
const start = Date.UTC(2026, 10, 22, 17)

describe.each(testDialects)('re-pricing killed at any moment, on %s', (dialect) => {
  let folder: string
  let script: string
  let workerUrl: URL
  let mysqlUrl: string | null

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-reprice-'))
    mysqlUrl = dialect === 'mysql' ? freshMysqlUrl() : null
    workerUrl = await sqliteWorkerUrl()
    // Lies inside the project so that its packages are found.
    script = path(`tests/.tmp/reprice-runner-${process.pid}-${dialect}.mjs`)
    await build({
      entryPoints: [path('tests/helpers/reprice-runner.ts')], outfile: script, bundle: true, format: 'esm', platform: 'node', target: 'node20',
      packages: 'external', alias: { '#server': path('server'), '#shared': path('shared') }, tsconfigRaw: '{}',
    })
  })
  afterAll(async () => {
    await rm(script, { force: true })
    await rm(folder, { recursive: true })
    if (mysqlUrl) await dropMysql(mysqlUrl)
  })

  async function withStore<T>(use: (store: OpenStore) => Promise<T>): Promise<T> {
    const store = await openStore({ mysqlUrl, sqliteFile: join(folder, 'relay.db'), workerUrl })
    try {
      return await use(store)
    }
    finally {
      await store.close()
    }
  }

  /** Kills it once it told of so many batches; null lets it end. Answers how it ended. */
  async function run(batches: number | null): Promise<NodeJS.Signals | number | null> {
    const child = spawn(process.execPath, [script, join(folder, 'relay.db'), mysqlUrl ?? '', workerUrl.href, timeZone], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    let told = 0
    child.stdout.on('data', (data: Buffer) => {
      told += data.toString().split('\n').length - 1
      if (batches !== null && told >= batches) child.kill('SIGKILL')
    })
    const [code, signal] = await exit as [number | null, NodeJS.Signals | null]
    return signal ?? code
  }

  it('leaves rows and sums that agree, and the next run prices the rest once', async () => {
    await withStore(async (store) => {
      await store.migrate(await migrationsOf(dialect))
      const rows = Array.from({ length: ROWS }, (_, at) => unpricedRequest(`r${at}`, { createdAt: start + at * 1_800_000, sessionId: `s${at % 4}` }))
      await createLedgerRepo(store).book({ file: 'journal-a-1', from: 0, to: 1, at: start, timeZone, rows })
    })
    let before = 0
    for (const batches of [1, 4, 2]) {
      expect(await run(batches)).toBe('SIGKILL')
      const priced = await withStore(expectInBalance)
      expect(priced).toBeGreaterThan(before)
      before = priced
    }
    expect(before).toBeLessThan(ROWS)
    expect(await run(null)).toBe(0)
    expect(await withStore(expectInBalance)).toBe(ROWS)
  }, 120_000)

  /** Answers how many rows are priced. */
  async function expectInBalance(store: OpenStore): Promise<number> {
    const { logs, usageHourly, usageDaily, usageSessions } = store.tables
    const rows = await store.db.select().from(logs)
    const priced = rows.filter(row => row.priced)
    expect(rows).toHaveLength(ROWS)
    expect(priced.every(row => row.costNano === 75_000 && row.priceVersionBefore === 'before' && row.repricedAt !== null)).toBe(true)
    const waiting = await createUnpricedRepo(store).waiting()
    expect(waiting.reduce((sum, model) => sum + model.rows, 0)).toBe(ROWS - priced.length)
    const expected = rollUp(rows, [], timeZone)
    const totals = (buckets: Record<(typeof sumKeys)[number], number>[]) => sumKeys.map(name => buckets.reduce((sum, bucket) => sum + bucket[name], 0))
    expect(totals(await store.db.select().from(usageHourly))).toEqual(totals(expected.hourly))
    expect(totals(await store.db.select().from(usageDaily))).toEqual(totals(expected.daily))
    expect(totals(await store.db.select().from(usageSessions))).toEqual(totals(expected.sessions))
    return priced.length
  }
})
