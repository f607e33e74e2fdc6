import { z } from 'zod'
import { MAX_USD_PER_MILLION, picoPerToken, picoPerUse } from '#shared/utils/price'
import { pageFields, sortField } from './common'

/** Most prices that one import may bring. */
export const MAX_IMPORT_ROWS = 5000
/** Bytes of a price file. */
export const MAX_PRICE_FILE_BYTES = 8 * 1024 * 1024

const decimal = z.union([z.number(), z.string().trim().max(20)], 'errors.price')

/** USD per million tokens, as number or decimal string with up to six decimals. */
const price = decimal.refine((value) => {
  const pico = picoPerToken(value)
  return pico !== null && pico <= MAX_USD_PER_MILLION * 1_000_000
}, 'errors.price')

/** Of cache prices that are left out, the input price counts. */
const five = { input: price, output: price, cacheRead: price.nullish(), cacheWrite5m: price.nullish(), cacheWrite1h: price.nullish() }

/** Exact name of a model, or a pattern with `*`. */
export const priceModelField = z.string().trim().min(1).max(200).regex(/^\S+$/, 'errors.model')

const priceFields = {
  ...five,
  /** Of a request served in fast mode; null or absent: it costs the same. */
  fast: z.strictObject(five).nullish(),
  /** Once input, cache reads and cache writes of a request together pass `above` tokens. */
  longPrompt: z.strictObject({ above: z.int().min(1).max(1_000_000_000), ...five }).nullish(),
  /** USD for one web search; absent: as in the built-in list. */
  webSearch: decimal.refine(value => picoPerUse(value) !== null, 'errors.priceEach').nullish(),
}

/** Sets the price of a model in the place of what it had. */
export const priceSetSchema = z.strictObject({ model: priceModelField, ...priceFields })
export type PriceSetInput = z.output<typeof priceSetSchema>
export type PriceFieldsInput = Omit<PriceSetInput, 'model'>

/** `source`: the name of the file or its address, for people. */
export const priceImportSchema = z.strictObject({
  source: z.string().trim().min(1).max(200),
  prices: z.array(priceSetSchema).min(1).max(MAX_IMPORT_ROWS),
})
export type PriceImportInput = z.output<typeof priceImportSchema>

/** `plain`: what stands before the last slash of a name is left out (`zai/glm-4.6` is `glm-4.6`). */
const names = z.enum(['full', 'plain']).default('full')

/** About an uploaded file. */
export const priceFileSchema = z.strictObject({ name: z.string().trim().min(1).max(200).default('file'), names })

export const priceUrlSchema = z.strictObject({
  url: z.string().trim().max(2000).regex(/^https?:\/\/[^\s/]+/i, 'errors.url'),
  /** May the address lie in the operator's own network? */
  allowPrivate: z.boolean().default(false),
  names,
})
export type PriceUrlInput = Omit<z.output<typeof priceUrlSchema>, 'names'>

export const priceKinds = ['builtin', 'own', 'import'] as const

export const priceSorts = ['model', 'kind', 'input', 'output'] as const
export const DEFAULT_PRICE_SORT = 'model'

/** `q` is found in the name. */
export const priceListSchema = z.strictObject({
  ...pageFields,
  sort: sortField(priceSorts, DEFAULT_PRICE_SORT),
  q: z.string().trim().max(200).optional(),
  kind: z.enum(priceKinds).optional(),
})
export type PriceListQuery = z.output<typeof priceListSchema>

export const priceHistorySchema = z.strictObject({ model: priceModelField })
/** `model`: only this one's prices of the version. */
export const priceVersionSchema = z.strictObject({ version: z.string().trim().min(1).max(64), model: priceModelField.optional() })
