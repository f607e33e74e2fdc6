import { createHash } from 'node:crypto'
import type { Cost, CostParts, Usage } from '#shared/types/usage'
import { NANO_PER_USD, usdToNano } from '#shared/utils/money'
import { costOf, type Extras, type ModelPrices, type TokenPrices } from './cost'
import rules from './data/claude-price-rules.json'
import list from './data/claude-prices.json'
import { createModelNames } from './price-names'

/** Prices of models; one book is immutable, so its version tells what a row was priced by. */
export interface PriceBook {
  readonly version: string
  /** Canonical name of a model the book knows, else null. */
  canonical(model: string): string | null
  /** `multiplierBp`: the group's, in 1/10,000. An unknown model costs 0 and is not `priced`. */
  cost(model: string, usage: Usage, multiplierBp: number): Cost
}

/** USD per million tokens. */
interface ListPrices { input: number, output: number, cache_read: number, cache_write_5m: number, cache_write_1h: number }
interface ListedModel extends ListPrices { canonical: string }
interface LongPrompt extends ListPrices { above_prompt_tokens: number }

const nothing = (): CostParts => ({ input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 })

/** The built-in price list. Throws when its data is not exact in pico-USD. */
export function createPriceBook(): PriceBook {
  const listed: Record<string, ListedModel> = list.models
  const canonical = createModelNames(listed)
  const models = new Map(Object.values(listed).map(model => [model.canonical, modelPrices(model)]))
  const extras = extraPrices()
  const version = `claude-${list.date}-${createHash('sha256').update(JSON.stringify([list, rules])).digest('hex').slice(0, 12)}`
  return {
    version,
    canonical,
    cost(model, usage, multiplierBp) {
      const prices = models.get(canonical(model) ?? '')
      if (!prices) return { costNano: 0, billedNano: 0, parts: nothing(), priced: false, priceVersion: version }
      return { ...costOf(usage, prices, extras, multiplierBp), priced: true, priceVersion: version }
    },
  }
}

function modelPrices(model: ListedModel): ModelPrices {
  const base = tokenPrices(model)
  const fast = (rules.fast as Record<string, { input: number, output: number }>)[model.canonical]
  const long = (rules.long_prompt as Record<string, LongPrompt>)[model.canonical]
  return {
    base,
    fast: fast ? fastPrices(base, fast) : null,
    longPrompt: long ? { above: long.above_prompt_tokens, prices: tokenPrices(long) } : null,
  }
}

const tokenPrices = (price: ListPrices): TokenPrices => ({
  input: picoPerToken(price.input),
  output: picoPerToken(price.output),
  cacheRead: picoPerToken(price.cache_read),
  cacheWrite5m: picoPerToken(price.cache_write_5m),
  cacheWrite1h: picoPerToken(price.cache_write_1h),
})

/** In fast mode the cache prices grow as the input price does. */
function fastPrices(base: TokenPrices, fast: { input: number, output: number }): TokenPrices {
  const input = picoPerToken(fast.input)
  const scaled = (price: number) => exactly(price * input / base.input)
  return {
    input,
    output: picoPerToken(fast.output),
    cacheRead: scaled(base.cacheRead),
    cacheWrite5m: scaled(base.cacheWrite5m),
    cacheWrite1h: scaled(base.cacheWrite1h),
  }
}

function extraPrices(): Extras {
  return {
    webSearch: exactly(nano(rules.web_search_usd_each) * 1000),
    usFactor: [nano(rules.inference_geo_us_factor) / (NANO_PER_USD / 10), 10],
  }
}

/** 1 USD per million tokens is 1,000,000 pico-USD per token. */
const picoPerToken = (usdPerMillion: number): number => exactly(nano(usdPerMillion) / 1000)

function nano(usd: number): number {
  const value = usdToNano(usd)
  if (value === null) throw new RangeError(`${usd} is no exact price`)
  return value
}

/** Multiples of ten keep the factor 11/10 exact. */
function exactly(pico: number): number {
  if (!Number.isSafeInteger(pico) || pico % 10 !== 0) throw new RangeError(`${pico} pico-USD is no multiple of ten`)
  return pico
}
