import { openSync, writeSync } from 'node:fs'
import { openJournal } from '#server/billing/journal'
import { createLedger } from '#server/billing/ledger'
import { openStore } from '#server/db/client'
import { createLedgerRepo } from '#server/db/repos/ledger'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { noUsage } from '#shared/types/usage'
import { closed, noted, opened } from './journal'
import { closedRequest, openedRequest } from './requests'

/** A process that settles requests until it is killed; notes each step in a file once it is done. */
const [notes = '', dir = '', instanceId = '', sqliteFile = '', mysqlUrl = '', workerUrl = ''] = process.argv.slice(2)
const logger = createLogger({ level: 'silent' })
const store = await openStore({ mysqlUrl: mysqlUrl || null, sqliteFile, workerUrl: new URL(workerUrl) })
const journal = openJournal({ dir, instanceId, logger, maxFileBytes: 100_000 })
const ledger = createLedger({ dir, journal, repos: { ledger: createLedgerRepo(store) }, clock: systemClock, timeZone: 'UTC', logger, batchRows: 20, idleMs: 1 })
ledger.start()

const file = openSync(notes, 'a')
const say = (step: string, id: string) => writeSync(file, `${step} ${id}\n`)

function settle(number: number): void {
  const id = `${instanceId}-${number}`
  opened(journal, openedRequest(id))
  say('opened', id)
  noted(journal, id, { ...noUsage(), inputTokens: number }, null)
  say('used', id)
  // Every seventh stays open; every fifth is closed a second time, with other numbers.
  if (number % 7 === 0) return
  closed(journal, closedRequest(id, { inputTokens: number, createdAt: Date.now() }))
  say('closed', id)
  if (number % 5 !== 0) return
  closed(journal, closedRequest(id, { inputTokens: number, outputTokens: 99, outcome: 'client_closed', createdAt: Date.now() }))
  say('again', id)
}

for (let number = 1; ; number++) {
  settle(number)
  if (number % 10 === 0) await new Promise(resolve => setImmediate(resolve))
}
