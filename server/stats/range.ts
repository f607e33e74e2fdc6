import { problem } from '#shared/schemas/errors'
import { MAX_DAYS, MAX_DETAILED_DAYS } from '#shared/schemas/stats'
import { addDays, localDate, startOfDate, startOfDay, startOfHour } from '#shared/utils/period'
import { invalid } from '../lib/errors'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const DEFAULT_DAYS = 7

/** Epoch-ms or a local date. */
export type Moment = number | string

/** What a query is about: `from` included, `to` not, both the start of an hour or of a local day. */
export interface Range {
  from: number
  to: number
  /** Local dates, both included, when these are whole days or days up to now. */
  days: { from: string, to: string } | null
}

/** Throws `validation` for a range that is reversed or longer than ten years. */
export function rangeOf(query: { from?: Moment, to?: Moment, days?: number }, now: number, zone: string): Range {
  const nextHour = startOfHour(now) + HOUR
  const to = query.to === undefined ? nextHour : instant(query.to, 'to', zone)
  const from = query.from === undefined ? startOfDate(addDays(localDate(Math.min(to, now + 1) - 1, zone), 1 - (query.days ?? DEFAULT_DAYS)), zone) : instant(query.from, 'from', zone)
  if (from >= to) throw invalid([problem('to', 'errors.rangeReversed')])
  requireSpan({ from, to }, MAX_DAYS)
  const whole = startOfDay(from, zone) === from && (startOfDay(to, zone) === to || to >= nextHour)
  return { from, to, days: whole ? { from: localDate(from, zone), to: localDate(to - 1, zone) } : null }
}

/** The time just before, of the same length: as many local days earlier when these are whole days or days up to now. */
export function previousOf({ from, to, days }: Range, now: number, zone: string): Range {
  if (!days) return rangeOf({ from: Math.max(0, from - (to - from)), to: from }, now, zone)
  const count = Math.round((Date.parse(days.to) - Date.parse(days.from)) / DAY) + 1
  const earlier = startOfDate(addDays(days.from, -count), zone)
  const end = startOfDay(to, zone) === to ? from : to - (from - earlier)
  return rangeOf({ from: earlier, to: Math.min(end, from) }, now, zone)
}

export function requireSpan({ from, to }: { from: number, to: number }, maxDays: number, path = 'from'): void {
  if (to - from > (maxDays + 1) * DAY) throw invalid([problem(path, 'errors.spanTooLong', { max: maxDays })])
}

export const requireDetailedSpan = (range: Range): void => requireSpan(range, MAX_DETAILED_DAYS)

function instant(moment: Moment, side: 'from' | 'to', zone: string): number {
  if (typeof moment === 'string') return startOfDate(side === 'to' ? addDays(moment, 1) : moment, zone)
  if (startOfDay(moment, zone) === moment) return moment
  return side === 'from' ? startOfHour(moment) : startOfHour(moment + HOUR - 1)
}
