import type { Language } from './language'

/*
 * What people read. Made by hand from numbers, not by Intl's texts: those differ between ICU versions,
 * so a page rendered on the server would not hydrate in every browser.
 */

/** A count with thousands separators: `1,234,567`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Tokens, short from 100,000 on: `99,999`, `1.23M`, `123万`. */
export function formatTokens(value: number, language: Language): string {
  if (value < 100_000) return formatCount(value)
  const steps: [number, string][] = language === 'zh-CN' ? [[1e8, '亿'], [1e4, '万']] : [[1e9, 'B'], [1e6, 'M'], [1e3, 'K']]
  const [size, name] = steps.find(([step]) => value >= step)!
  return `${threeDigits(value / size)}${name}`
}

/** Nano-USD (1e-9) as dollars: two to six decimals by size, `$0.00` only for nothing. */
export function formatMoney(nano: number): string {
  const usd = Math.abs(nano) / 1e9
  if (nano !== 0 && usd < 0.000_001) return `${nano < 0 ? '-' : ''}<$0.000001`
  const [whole, part = ''] = usd.toFixed(usd >= 100 ? 2 : usd >= 1 ? 4 : 6).split('.')
  return `${nano < 0 ? '-' : ''}$${formatCount(Number(whole))}.${part.replace(/0+$/, '').padEnd(2, '0')}`
}

/** Nano-USD as dollars where there is little room: `$1.23`, `$0.045`, `$12,345.67`, `$1.23M`, `$123万`. */
export function formatMoneyShort(nano: number, language: Language): string {
  const usd = Math.abs(nano) / 1e9
  const sign = nano < 0 ? '-' : ''
  if (usd >= 100_000) return `${sign}$${formatTokens(usd, language)}`
  if (usd >= 1) return `${sign}$${formatCount(Math.floor(Math.round(usd * 100) / 100))}.${String(Math.round(usd * 100) % 100).padStart(2, '0')}`
  if (usd < 0.001) return formatMoney(nano)
  return `${sign}$${usd.toFixed(usd < 0.1 ? 3 : 2)}`
}

/** How much more or less `now` is than `before`: `+12%`, `-5%`, `×12`; null when there was nothing before. */
export function formatChange(now: number, before: number): string | null {
  if (before <= 0) return null
  const change = (now - before) / before
  if (change >= 9.995) return `×${threeDigits(now / before)}`
  const percent = Math.round(change * 100)
  return percent > 0 ? `+${percent}%` : `${percent}%`
}

/** Pico-USD (1e-12) as dollars, every digit that is not a trailing zero: `$0.000375`. */
export function formatExactMoney(pico: number): string {
  const digits = String(Math.abs(pico)).padStart(13, '0')
  const part = digits.slice(-12).replace(/0+$/, '').padEnd(2, '0')
  return `${pico < 0 ? '-' : ''}$${formatCount(Number(digits.slice(0, -12)))}.${part}`
}

/** Milliseconds as people say them: `850 ms`, `12.3 s`, `3 min 12 s`, `2 h 5 min`, `8 d 3 h`, `12.3 秒`. */
export function formatDuration(ms: number, language: Language): string {
  const [milli, second, minute, hour, day] = language === 'zh-CN' ? ['ms', '秒', '分', '小时', '天'] : ['ms', 's', 'min', 'h', 'd']
  if (ms < 1000) return `${Math.round(ms)} ${milli}`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} ${second}`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(seconds, 60, minute!, second!)
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return pair(minutes, 60, hour!, minute!)
  return pair(Math.round(minutes / 60), 24, day!, hour!)
}

/** What is left of a time, in whole seconds: `0 s`, `42 s`, `3 min 12 s`. */
export function formatCountdown(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return seconds < 60 ? `${seconds} ${language === 'zh-CN' ? '秒' : 's'}` : formatDuration(seconds * 1000, language)
}

/** A part of a whole (0 to 1) in percent: `25%`, `<1%`; `100%` only for all of it. */
export function formatShare(part: number): string {
  if (part > 0 && part < 0.01) return '<1%'
  return `${part < 1 ? Math.min(99, Math.round(part * 100)) : 100}%`
}

/** Bytes: `0 B`, `12.3 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${threeDigits(bytes / 1024 ** step)} ${units[step]}`
}

/** Epoch-ms on the clock of a zone, to the second: `2026-01-05 14:03:22`. The page names the zone. */
export function formatTime(at: number, zone: string): string {
  const part = partsOf(at, zone)
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`
}

/** Value of an `<input type="datetime-local">` for epoch-ms in a zone. */
export function toLocalInput(at: number, zone: string): string {
  return formatTime(at, zone).slice(0, 16).replace(' ', 'T')
}

/** Epoch-ms of a `<input type="datetime-local">` value in a zone, or null for anything else. In a gap of the clock: the moment after it. */
export function fromLocalInput(value: string, zone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(value)) return null
  const wall = Date.parse(`${value}Z`)
  if (Number.isNaN(wall)) return null
  const first = wall - offsetAt(wall, zone)
  return wall - offsetAt(first, zone)
}

export function isZone(zone: unknown): zone is string {
  try {
    return typeof zone === 'string' && zone !== '' && Boolean(clockOf(zone))
  }
  catch {
    return false
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  })
  if (clocks.size < 600) clocks.set(zone, clock)
  return clock
}

function partsOf(at: number, zone: string): Record<string, string> {
  return Object.fromEntries(clockOf(zone).formatToParts(at).map(part => [part.type, part.value]))
}

/** Milliseconds that a zone's clock is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const part = partsOf(at, zone)
  return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`) - Math.floor(at / 1000) * 1000
}

function threeDigits(value: number): string {
  const text = value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function pair(total: number, size: number, large: string, small: string): string {
  const rest = total % size
  return `${Math.floor(total / size)} ${large}${rest ? ` ${rest} ${small}` : ''}`
}
