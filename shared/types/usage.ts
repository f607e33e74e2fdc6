/** What one message request used. Tokens are counts; `inputTokens` excludes cached ones, as upstreams report it. */
export interface Usage {
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWrite5mTokens: number
  cacheWrite1hTokens: number
  thinkingTokens: number
  webSearches: number
  serviceTier: string | null
  speed: string | null
  inferenceGeo: string | null
}

export const noUsage = (): Usage => ({
  inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0,
  thinkingTokens: 0, webSearches: 0, serviceTier: null, speed: null, inferenceGeo: null,
})

/** Exact cost of one request by part, in pico-USD (1e-12). */
export interface CostParts {
  input: number
  output: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
  webSearch: number
}

/** `costNano` is the list price in nano-USD (1e-9), rounded once; `priced` is false for an unknown model (cost 0). */
export interface Cost {
  costNano: number
  billedNano: number
  parts: CostParts
  priced: boolean
  priceVersion: string
}
