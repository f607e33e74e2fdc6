/** Nano-USD in one US dollar. */
export const NANO_PER_USD = 1_000_000_000

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d{1,3}))?$/i

/** Integer nano-USD as a decimal string in USD, exact, without trailing zeros. Throws RangeError for a number that is no safe integer. */
export function nanoToUsd(nano: number | bigint): string {
  if (typeof nano === 'number' && !Number.isSafeInteger(nano)) throw new RangeError('not a safe integer of nano-USD')
  const value = BigInt(nano)
  const digits = (value < 0n ? -value : value).toString().padStart(10, '0')
  const fraction = digits.slice(-9).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction && `.${fraction}`}`
}

/**
 * USD, as a number or a decimal string, in integer nano-USD. Null when it is not a plain decimal, has more than
 * nine decimals, or does not fit in a safe integer (about 9 million USD).
 */
export function usdToNano(usd: number | string): number | null {
  const match = DECIMAL.exec(typeof usd === 'number' ? String(usd) : usd.trim())
  if (!match) return null
  const [, sign, whole = '', fraction = '', exponent] = match
  if (exponent !== undefined && typeof usd !== 'number') return null
  const digits = shift(whole + fraction, 9 - fraction.length + Number(exponent ?? 0))
  const nano = digits === null ? Number.NaN : Number(digits)
  if (!Number.isSafeInteger(nano)) return null
  return sign && nano ? -nano : nano
}

/** Digits × 10^places as an integer's digits; null when that is no integer. */
function shift(digits: string, places: number): string | null {
  if (places >= 0) return digits + '0'.repeat(places)
  const cut = digits.padStart(1 - places, '0')
  return /^0*$/.test(cut.slice(places)) ? cut.slice(0, places) : null
}
