import type { CostParts, Usage } from '#shared/types/usage'

/** Pico-USD (1e-12) per token by kind; multiples of ten. */
export interface TokenPrices {
  input: number
  output: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
}

export interface ModelPrices {
  base: TokenPrices
  /** Prices of a request served in fast mode; null when it costs the same. */
  fast: TokenPrices | null
  /** Prices once input, cache reads and cache writes together pass `above` tokens. */
  longPrompt: { above: number, prices: TokenPrices } | null
}

/** Pico-USD of one web search, and the factor (as a fraction) for inference kept in the US. */
export interface Extras {
  webSearch: number
  usFactor: readonly [numerator: number, denominator: number]
}

const PICO_PER_NANO = 1000n
const WHOLE_BP = 10_000n
const kinds = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const

/**
 * Exact cost by part in pico-USD (a part passing 9,007 USD is shown to 53 bits) and the sum, rounded once, half up,
 * to nano-USD. `billedNano` is that sum times the group's multiplier (1/10,000), rounded once more.
 */
export function costOf(usage: Usage, model: ModelPrices, extras: Extras, multiplierBp: number): { parts: CostParts, costNano: number, billedNano: number } {
  const prices = pricesFor(usage, model)
  const pico = (amount: number, price: number) => withFactor(BigInt(amount) * BigInt(price), usage, extras)
  const exact = kinds.map(kind => pico(usage[`${kind}Tokens`], prices[kind]))
  const webSearch = pico(usage.webSearches, extras.webSearch)
  const nano = roundHalfUp(exact.reduce((sum, part) => sum + part, webSearch), PICO_PER_NANO)
  const [input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0] = exact.map(Number)
  return {
    parts: { input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearch: Number(webSearch) },
    costNano: Number(nano),
    billedNano: Number(roundHalfUp(nano * BigInt(multiplierBp), WHOLE_BP)),
  }
}

function pricesFor(usage: Usage, model: ModelPrices): TokenPrices {
  if (usage.speed === 'fast' && model.fast) return model.fast
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  return model.longPrompt && prompt > model.longPrompt.above ? model.longPrompt.prices : model.base
}

/** Exact, since every price is a multiple of the factor's denominator. */
function withFactor(pico: bigint, usage: Usage, { usFactor: [numerator, denominator] }: Extras): bigint {
  return usage.inferenceGeo === 'us' ? pico * BigInt(numerator) / BigInt(denominator) : pico
}

/** Of a value that is not negative. */
const roundHalfUp = (value: bigint, unit: bigint): bigint => (value + unit / 2n) / unit
