import { createHash } from 'node:crypto'
import { NANO_PER_USD } from '#shared/utils/money'
import { picoPerToken, picoPerUse } from '#shared/utils/price'
import type { ModelPrices, TokenPrices } from './cost'
import rules from './data/claude-price-rules.json'
import list from './data/claude-prices.json'
import { createModelNames, type ModelNames } from './price-names'

/** USD per million tokens. */
interface ListPrices { input: number, output: number, cache_read: number, cache_write_5m: number, cache_write_1h: number }
interface ListedModel extends ListPrices { canonical: string }
interface LongPrompt extends ListPrices { above_prompt_tokens: number }

/** The price list that comes with this version of the relay. */
export interface BuiltInPrices {
  version: string
  canonical: ModelNames
  /** By canonical name. */
  models: ReadonlyMap<string, ModelPrices>
  /** Pico-USD of one web search, for models whose own price says nothing of it. */
  webSearch: number
}

let read: BuiltInPrices | undefined

/** Throws when the data is not exact in pico-USD. */
export function builtInPrices(): BuiltInPrices {
  return read ??= readList()
}

function readList(): BuiltInPrices {
  if (rules.inference_geo_us_factor !== 1.1) throw new RangeError('the US factor of the list is not the one that costs are made with')
  const listed: Record<string, ListedModel> = list.models
  const webSearch = exactly(picoPerUse(rules.web_search_usd_each), rules.web_search_usd_each)
  return {
    version: `claude-${list.date}-${createHash('sha256').update(JSON.stringify([list, rules])).digest('hex').slice(0, 12)}`,
    canonical: createModelNames(listed),
    models: new Map(Object.values(listed).map(model => [model.canonical, modelPrices(model, webSearch)])),
    webSearch,
  }
}

function modelPrices(model: ListedModel, webSearch: number): ModelPrices {
  const base = tokenPrices(model)
  const fast = (rules.fast as Record<string, { input: number, output: number }>)[model.canonical]
  const long = (rules.long_prompt as Record<string, LongPrompt>)[model.canonical]
  return {
    base,
    fast: fast ? fastPrices(base, fast) : null,
    longPrompt: long ? { above: long.above_prompt_tokens, prices: tokenPrices(long) } : null,
    webSearch,
  }
}

const pico = (usdPerMillion: number): number => exactly(picoPerToken(usdPerMillion), usdPerMillion)

const tokenPrices = (price: ListPrices): TokenPrices => ({
  input: pico(price.input),
  output: pico(price.output),
  cacheRead: pico(price.cache_read),
  cacheWrite5m: pico(price.cache_write_5m),
  cacheWrite1h: pico(price.cache_write_1h),
})

/** In fast mode the cache prices grow as the input price does. */
function fastPrices(base: TokenPrices, fast: { input: number, output: number }): TokenPrices {
  const input = pico(fast.input)
  const scaled = (price: number) => exactly(price * input / base.input, price)
  return {
    input,
    output: pico(fast.output),
    cacheRead: scaled(base.cacheRead),
    cacheWrite5m: scaled(base.cacheWrite5m),
    cacheWrite1h: scaled(base.cacheWrite1h),
  }
}

/** Multiples of ten keep the US factor exact. */
function exactly(value: number | null, given: number): number {
  if (value === null || !Number.isSafeInteger(value) || value % 10 !== 0 || value > NANO_PER_USD * 1000) throw new RangeError(`${given} is no exact price`)
  return value
}
