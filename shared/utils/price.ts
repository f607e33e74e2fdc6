import { nanoToUsd, usdToNano } from './money'

const PICO_PER_NANO = 1000

/** Most that a price may be, so that the cost of any request stays a safe integer of nano-USD. */
export const MAX_USD_PER_MILLION = 1000
export const MAX_USD_PER_USE = 100

/** USD per million tokens (up to six decimals) as integer pico-USD per token: 1 USD is 1,000,000. Null when it is no such price. */
export function picoPerToken(usdPerMillion: number | string): number | null {
  const nano = usdToNano(usdPerMillion)
  return nano === null || nano < 0 || nano % PICO_PER_NANO !== 0 ? null : nano / PICO_PER_NANO
}

/** Integer pico-USD per token as USD per million tokens, exact. */
export const usdPerMillion = (pico: number): string => nanoToUsd(pico * PICO_PER_NANO)

/** USD for one use (up to nine decimals) as integer pico-USD. Null when it is no such price. */
export function picoPerUse(usd: number | string): number | null {
  const nano = usdToNano(usd)
  return nano === null || nano < 0 || nano > MAX_USD_PER_USE * 1e9 ? null : nano * PICO_PER_NANO
}

/** Integer pico-USD of one use as USD, exact to nine decimals. */
export const usdPerUse = (pico: number): string => nanoToUsd(Math.round(pico / PICO_PER_NANO))
