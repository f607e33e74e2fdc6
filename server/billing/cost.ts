import type { CostParts, Usage } from '#shared/types/usage'

/** Pico-USD (1e-12) per token by kind; integers. */
export interface TokenPrices {
  input: number
  output: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
}

export interface ModelPrices {
  base: TokenPrices
  /** Prices of a request served in fast mode, however long; null when it costs the same. */
  fast: TokenPrices | null
  /** Prices once input, cache reads and cache writes together pass `above` tokens. */
  longPrompt: { above: number, prices: TokenPrices } | null
  /** Pico-USD of one web search. */
  webSearch: number
}

/** By how much tokens cost more when inference is kept in the US; web searches cost the same everywhere. */
const US = { numerator: 11n, denominator: 10n }
const PICO_PER_NANO = 1000n
const WHOLE_BP = 10_000n
const MOST = BigInt(Number.MAX_SAFE_INTEGER)
const kinds = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const

/**
 * Exact cost by part in pico-USD (a part passing 9,007 USD is shown to 53 bits) and the sum, rounded once, half up,
 * to nano-USD. `billedNano` is that sum times the group's multiplier (1/10,000), rounded once more.
 */
export function costOf(usage: Usage, model: ModelPrices, multiplierBp: number): { parts: CostParts, costNano: number, billedNano: number } {
  const prices = pricesFor(usage, model)
  const inUs = usage.inferenceGeo === 'us'
  const pico = (amount: number, price: number) => BigInt(amount) * (inUs ? usPrice(price) : BigInt(price))
  const exact = kinds.map(kind => pico(usage[`${kind}Tokens`], prices[kind]))
  const webSearch = BigInt(usage.webSearches) * BigInt(model.webSearch)
  const nano = roundHalfUp(exact.reduce((sum, part) => sum + part, webSearch), PICO_PER_NANO)
  const [input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0] = exact.map(Number)
  return {
    parts: { input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearch: Number(webSearch) },
    costNano: safe(nano),
    billedNano: safe(roundHalfUp(nano * BigInt(multiplierBp), WHOLE_BP)),
  }
}

function pricesFor(usage: Usage, model: ModelPrices): TokenPrices {
  if (usage.speed === 'fast' && model.fast) return model.fast
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  return model.longPrompt && prompt > model.longPrompt.above ? model.longPrompt.prices : model.base
}

/** A price with the US factor, to the nearest pico-USD; exact for multiples of ten, as all built-in prices are. */
const usPrice = (pico: number): bigint => roundHalfUp(BigInt(pico) * US.numerator, US.denominator)

/** Of a value that is not negative. */
const roundHalfUp = (value: bigint, unit: bigint): bigint => (value + unit / 2n) / unit

/** Nine million dollars for one request can only come of counts that an upstream made up. */
const safe = (nano: bigint): number => Number(nano > MOST ? MOST : nano)
