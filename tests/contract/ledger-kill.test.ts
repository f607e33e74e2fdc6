import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openJournal } from '#server/billing/journal'
import { createLedger } from '#server/billing/ledger'
import { rollUp, sumKeys } from '#server/billing/rollups'
import { openStore, type OpenStore } from '#server/db/client'
import { createLedgerRepo } from '#server/db/repos/ledger'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { dropMysql, freshMysqlUrl, migrationsOf, sqliteWorkerUrl, testDialects } from '../helpers/store'
import { poll } from '../helpers/until'

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const logger = createLogger({ level: 'silent' })
const ROUNDS = 5

describe.each(testDialects)('a writer killed at any moment, on %s', (dialect) => {
  let folder: string
  let script: string
  let workerUrl: URL
  let mysqlUrl: string | null

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-kill-'))
    mysqlUrl = dialect === 'mysql' ? freshMysqlUrl() : null
    workerUrl = await sqliteWorkerUrl()
    // Lies inside the project so that its packages are found.
    script = path(`tests/.tmp/ledger-writer-${process.pid}-${dialect}.mjs`)
    await build({
      entryPoints: [path('tests/helpers/ledger-writer.ts')], outfile: script, bundle: true, format: 'esm', platform: 'node', target: 'node20',
      packages: 'external', alias: { '#server': path('server'), '#shared': path('shared') }, tsconfigRaw: '{}',
    })
    await withStore(async store => store.migrate(await migrationsOf(dialect)))
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

  /** Runs a writer, kills it after so many steps, and returns what it noted as done: the last step of each request. */
  async function runAndKill(instanceId: string, steps: number): Promise<Map<string, string>> {
    const notes = join(folder, `${instanceId}.notes`)
    const args = [script, notes, join(folder, 'journal'), instanceId, join(folder, 'relay.db'), mysqlUrl ?? '', workerUrl.href]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const exit = once(child, 'exit')
    const noted = async () => (existsSync(notes) ? (await readFile(notes, 'utf8')).split('\n').slice(0, -1) : [])
    await poll(async () => (child.exitCode !== null || (await noted()).length >= steps) || undefined, 'the writer to be at work')
    child.kill('SIGKILL')
    expect((await exit)[1]).toBe('SIGKILL')
    return new Map((await noted()).map(line => line.split(' ') as [string, string]).map(([step, id]) => [id, step]))
  }

  it('each line it wrote is booked once, each request it left open is interrupted', async () => {
    const said = new Map<string, string>()
    for (let round = 0; round < ROUNDS; round++) {
      for (const [id, step] of await runAndKill(`w${round}`, 400 + round * 777)) said.set(id, step)
      await withStore(async (store) => {
        const journal = openJournal({ dir: join(folder, 'journal'), instanceId: `next${round}`, logger })
        const ledger = createLedger({ dir: join(folder, 'journal'), journal, repos: { ledger: createLedgerRepo(store) }, clock: systemClock, timeZone: 'UTC', logger })
        await ledger.recover()
        await ledger.stop()
        await journal.close()
        await expectExact(store, said)
      })
    }
    const left = await readdir(join(folder, 'journal'))
    expect(left.filter(name => name.endsWith('.jsonl'))).toEqual([expect.stringMatching(`journal-next${ROUNDS - 1}-`)])
  }, 120_000)

  async function expectExact(store: OpenStore, said: Map<string, string>): Promise<void> {
    const { logs, usageHourly, usageDaily } = store.tables
    const rows = await store.db.select().from(logs)
    const byId = new Map(rows.map(row => [row.requestId, row]))
    expect(byId.size).toBe(rows.length)
    for (const [id, step] of said) {
      const row = byId.get(id)
      expect(row, id).toBeDefined()
      const number = Number(id.split('-')[1])
      if (step !== 'opened') expect(row?.inputTokens, id).toBe(number)
      if (step === 'again') expect(row, id).toMatchObject({ outcome: 'client_closed', outputTokens: 99 })
      if (step === 'closed') expect(['ok', 'client_closed'], id).toContain(row?.outcome)
      if (number % 7 === 0) expect(row?.outcome, id).toBe('interrupted')
    }
    const totals = (buckets: Record<(typeof sumKeys)[number], number>[]) => sumKeys.map(name => buckets.reduce((sum, bucket) => sum + bucket[name], 0))
    const expected = rollUp(rows, [], 'UTC')
    expect(totals(await store.db.select().from(usageHourly))).toEqual(totals(expected.hourly))
    expect(totals(await store.db.select().from(usageDaily))).toEqual(totals(expected.daily))
  }
})
