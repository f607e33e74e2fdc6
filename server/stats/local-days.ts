import { addDays, localDate, startOfDate, startOfHour } from '#shared/utils/period'
import type { DayMakeup } from '../db/repos/usage-days'

const HOUR = 3_600_000

export interface LocalDay { day: string, from: number, to: number }

export const localDayOf = (day: string, zone: string): LocalDay => ({ day, from: startOfDate(day, zone), to: startOfDate(addDays(day, 1), zone) })

/**
 * How a local day is put together from UTC hours. An hour that local midnight cuts is shared out by its log rows where they
 * are all kept (from `keptFrom`, epoch-ms), else it counts whole on the day in which it begins; two days that share an hour
 * agree, so that nothing is lost or counted twice.
 */
export function makeupOf({ day, from, to }: LocalDay, keptFrom: number): DayMakeup {
  const [first, last] = [startOfHour(from), startOfHour(to)]
  const pieces: DayMakeup['pieces'] = []
  if (first !== from && first >= keptFrom) pieces.push({ from, to: Math.min(first + HOUR, to) })
  if (last !== to && last >= keptFrom && last > first) pieces.push({ from: last, to })
  const whole = { from: first === from ? first : first + HOUR, to: last !== to && last < keptFrom ? last + HOUR : last }
  return { day, hours: whole, pieces }
}

/** Local dates from that of `from` to that of `to`, both epoch-ms and included, newest first. */
export function* daysBack(from: number, to: number, zone: string): Generator<string> {
  const oldest = localDate(from, zone)
  for (let day = localDate(to, zone); day >= oldest; day = addDays(day, -1)) yield day
}
