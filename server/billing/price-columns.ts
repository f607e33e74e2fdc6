import { z } from 'zod'
import type { PriceRow } from '../db/repos/prices'
import { parseColumn } from '../lib/json-column'
import type { ModelPrices } from './cost'
import type { PriceEntry } from './prices'

const pico = z.int().min(0)
const five = { input: pico, output: pico, cacheRead: pico, cacheWrite5m: pico, cacheWrite1h: pico }

/** Prices as the column keeps them: pico-USD per token, and per web search. */
const stored: z.ZodType<ModelPrices> = z.object({
  base: z.object(five),
  fast: z.object(five).nullable(),
  longPrompt: z.object({ above: z.int().min(1), prices: z.object(five) }).nullable(),
  webSearch: pico,
})

/** Throws when the row holds something else. */
export const readPrices = (row: Pick<PriceRow, 'price'>): ModelPrices => parseColumn(stored, row.price, 'prices.price')

export const writePrices = (prices: ModelPrices): string => JSON.stringify(prices)

/** Throws when the row's prices cannot be read. */
export const entryOf = (row: PriceRow): PriceEntry => ({ id: row.id, model: row.model, kind: row.kind, version: row.version, prices: readPrices(row) })
