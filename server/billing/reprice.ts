import type { RepricedRow, UnpricedRepo } from '../db/repos/unpriced'
import type { LogRow } from '../db/repos/logs'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { pricedName } from './price-names'
import type { PriceBook } from './prices'

/** Told after the rows and roll-ups are changed, once per row unless the process ends in between. */
export type RepricedListener = (rows: readonly RepricedRow[]) => void | Promise<void>

/** Prices the log rows whose model had no price when they were settled. */
export interface Repricer {
  /** Prices all that can be priced now, in small transactions; may run anywhere, at any time, and again after a crash. Answers how many rows. */
  run(): Promise<number>
  /** Starts {@link Repricer.run} in the background, once more if it is under way. `through`: how, e.g. under a lock over all instances. */
  soon(through: () => Promise<unknown>): void
  /** For what keeps sums of costs outside the database. */
  onRepriced(listener: RepricedListener): void
}

export interface RepricerDeps {
  unpriced: UnpricedRepo
  prices: PriceBook
  clock: Clock
  /** IANA name of the zone whose days the roll-ups keep. */
  timeZone: string
  logger: Logger
  /** Rows in one transaction. */
  batchRows?: number
}

export function createRepricer({ unpriced, prices, clock, timeZone, logger, batchRows = 100 }: RepricerDeps): Repricer {
  const listeners: RepricedListener[] = []
  let wanted = false
  let running = false

  function priced(row: LogRow) {
    const cost = prices.cost(pricedName(row), row, row.multiplierBp)
    return cost.priced ? { priceVersion: cost.priceVersion, costParts: JSON.stringify(cost.parts), costNano: cost.costNano, billedNano: cost.billedNano } : null
  }

  async function tell(rows: readonly RepricedRow[]): Promise<void> {
    for (const listener of listeners) {
      try {
        await listener(rows)
      }
      catch (error) {
        logger.error({ err: error, rows: rows.length }, 'the cost of re-priced rows is missing in a counter until it is built again')
      }
    }
  }

  return {
    onRepriced: listener => void listeners.push(listener),
    soon(through) {
      wanted = true
      if (running) return
      running = true
      void (async () => {
        while (wanted) {
          wanted = false
          await through().catch((error: unknown) => logger.error({ err: error }, 'rows could not get their new price: tried again by the next run'))
        }
        running = false
      })()
    },
    async run() {
      let sum = 0
      for (const { model } of await unpriced.waiting()) {
        while (prices.find(model)) {
          const rows = await unpriced.reprice({ model, limit: batchRows, at: clock.now(), timeZone, price: priced })
          if (rows === null) break
          sum += rows.length
          await tell(rows)
        }
      }
      if (sum > 0) logger.info({ rows: sum }, 'log rows got the price that their model lacked')
      return sum
    },
  }
}
