import { createPriceBook } from '#server/billing/prices'
import { createRepricer } from '#server/billing/reprice'
import { openStore } from '#server/db/client'
import { createUnpricedRepo } from '#server/db/repos/unpriced'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { ownPrice } from './prices'

/** A process that prices waiting rows, three in a transaction, and tells of each batch until it is killed. */
const [sqliteFile = '', mysqlUrl = '', workerUrl = '', timeZone = ''] = process.argv.slice(2)
const store = await openStore({ mysqlUrl: mysqlUrl || null, sqliteFile, workerUrl: new URL(workerUrl) })
const repricer = createRepricer({
  unpriced: createUnpricedRepo(store), prices: createPriceBook([ownPrice('glm-9')]), clock: systemClock, timeZone, logger: createLogger({ level: 'silent' }), batchRows: 3,
})
repricer.onRepriced(rows => void process.stdout.write(`${rows.length}\n`))
await repricer.run()
await store.close()
