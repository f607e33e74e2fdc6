import type { PriceFieldsInput } from '#shared/schemas/price'
import type { FivePrices, PricesView, PriceView } from '#shared/types/price'
import { picoPerToken, picoPerUse, usdPerMillion, usdPerUse } from '#shared/utils/price'
import { builtInPrices } from './built-in-prices'
import type { ModelPrices, TokenPrices } from './cost'
import type { PriceEntry } from './prices'

type FiveInput = Pick<PriceFieldsInput, keyof TokenPrices>

/** Prices as people write them, in pico-USD. The schema has proved that each is exact. */
export function pricesOf({ fast, longPrompt, webSearch, ...base }: PriceFieldsInput): ModelPrices {
  return {
    base: fiveOf(base),
    fast: fast ? fiveOf(fast) : null,
    longPrompt: longPrompt ? { above: longPrompt.above, prices: fiveOf(longPrompt) } : null,
    webSearch: webSearch === null || webSearch === undefined ? builtInPrices().webSearch : proven(picoPerUse(webSearch)),
  }
}

function fiveOf({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: FiveInput): TokenPrices {
  const pico = (usd: number | string | null | undefined) => proven(picoPerToken(usd ?? input))
  return { input: pico(input), output: pico(output), cacheRead: pico(cacheRead), cacheWrite5m: pico(cacheWrite5m), cacheWrite1h: pico(cacheWrite1h) }
}

function proven(pico: number | null): number {
  if (pico === null) throw new RangeError('a price that is not exact got past the schema')
  return pico
}

export const pricesView = ({ base, fast, longPrompt, webSearch }: ModelPrices): PricesView => ({
  ...fiveView(base),
  fast: fast && fiveView(fast),
  longPrompt: longPrompt && { above: longPrompt.above, ...fiveView(longPrompt.prices) },
  webSearch: usdPerUse(webSearch),
})

const fiveView = (prices: TokenPrices): FivePrices => ({
  input: usdPerMillion(prices.input),
  output: usdPerMillion(prices.output),
  cacheRead: usdPerMillion(prices.cacheRead),
  cacheWrite5m: usdPerMillion(prices.cacheWrite5m),
  cacheWrite1h: usdPerMillion(prices.cacheWrite1h),
})

export function priceView({ id, model, kind, version, prices }: PriceEntry): PriceView {
  return { id, model, kind, version, hidesBuiltIn: kind !== 'builtin' && builtInPrices().models.has(model), ...pricesView(prices) }
}

export const samePrices = (a: ModelPrices, b: ModelPrices): boolean => JSON.stringify(pricesView(a)) === JSON.stringify(pricesView(b))
