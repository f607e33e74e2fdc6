import { MAX_USD_PER_MILLION } from '#shared/utils/price'

/** Why a number cannot be a price. */
export type Inexact = 'inexact' | 'tooBig' | 'badEntry'

const NUMBER = /^(\d{1,40})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/
const PICO_DIGITS = 12
const MOST_PICO = BigInt(MAX_USD_PER_MILLION) * 1_000_000n

/**
 * USD per token, by the digits as a file has them (`2.5e-07`), as integer pico-USD: never by way of a floating-point number. What is no
 * whole pico-USD is not rounded but refused.
 */
export function picoOf(text: string): number | Inexact {
  const [matched, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (matched === undefined) return 'badEntry'
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return 0
  const places = PICO_DIGITS - fraction.length + Number(exponent)
  if (places > PICO_DIGITS) return 'tooBig'
  const unit = 10n ** BigInt(Math.abs(places))
  if (places < 0 && digits % unit !== 0n) return 'inexact'
  const pico = places < 0 ? digits / unit : digits * unit
  return pico > MOST_PICO ? 'tooBig' : Number(pico)
}

/** Price × factor, both exact; `factor` by its digits. */
export function scaled(pico: number, factor: string): number | Inexact {
  const [matched, whole = '', fraction = ''] = /^(\d{1,6})(?:\.(\d{1,9}))?$/.exec(factor) ?? []
  if (matched === undefined) return 'badEntry'
  const product = BigInt(pico) * BigInt(whole + fraction)
  const unit = 10n ** BigInt(fraction.length)
  if (product % unit !== 0n) return 'inexact'
  return product / unit > MOST_PICO ? 'tooBig' : Number(product / unit)
}
