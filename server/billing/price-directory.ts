import { createHash } from 'node:crypto'
import type { NewPrice, PricesRepo } from '../db/repos/prices'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { builtInPrices } from './built-in-prices'
import { entryOf, writePrices } from './price-columns'
import { createPriceBook, type PriceBook, type PriceEntry } from './prices'

/** The price book in force, in memory: built-in list and own prices; a change anywhere replaces it as a whole. */
export interface PriceDirectory extends PriceBook {
  load(): Promise<void>
  /** Own prices in force, one for each model or pattern. */
  own(): readonly PriceEntry[]
}

export interface PriceDirectoryDeps {
  prices: PricesRepo
  changes: Changes
  clock: Clock
  logger: Logger
}

export function createPriceDirectory({ prices, changes, clock, logger }: PriceDirectoryDeps): PriceDirectory {
  let own: readonly PriceEntry[] = []
  let book = createPriceBook()
  let reading: Promise<void> = Promise.resolve()

  async function read(): Promise<void> {
    const byModel = new Map<string, PriceEntry>()
    for (const row of await prices.inForce()) {
      try {
        byModel.set(row.model, entryOf(row))
      }
      catch (error) {
        logger.error({ err: error, model: row.model }, 'an own price cannot be read and does not count')
      }
    }
    own = [...byModel.values()]
    book = createPriceBook(own)
  }

  /** One after the other, so that an older answer never replaces a newer one. */
  function refresh(): Promise<void> {
    const next = reading.then(read)
    reading = next.catch(() => undefined)
    return next
  }
  changes.on('price', refresh)
  changes.onGap(refresh)

  return {
    get version() {
      return book.version
    },
    canonical: model => book.canonical(model),
    find: model => book.find(model),
    cost: (model, usage, multiplierBp) => book.cost(model, usage, multiplierBp),
    own: () => own,
    async load() {
      await prices.keep(builtInRows(clock.now()))
      await refresh()
    },
  }
}

/** The built-in list as rows of history, so that its versions can be looked up after an update of the relay. */
function builtInRows(at: number): NewPrice[] {
  const { version, models } = builtInPrices()
  return [...models].map(([model, prices]) => ({
    id: `b${createHash('sha256').update(`${version} ${model}`).digest('hex').slice(0, 39)}`,
    model, version, kind: 'builtin', price: writePrices(prices), createdAt: at,
  }))
}
