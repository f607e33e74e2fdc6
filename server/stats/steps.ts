import type { TrendStep } from '#shared/schemas/stats'
import { addDays, localClock, localDate, startOfDate, startOfHour } from '#shared/utils/period'
import type { Range } from './range'

const HOUR = 3_600_000

/** Label of the step that holds an hour (epoch-ms of its start). Labels are local; an hour that summer time repeats has its offset in it. */
export function stepOf(by: TrendStep, hour: number, zone: string): string {
  if (by === 'hour') return hourLabel(hour, zone)
  const day = localDate(hour, zone)
  return by === 'month' ? day.slice(0, 7) : day
}

/** All steps of a range, in order, with their start in epoch-ms. */
export function stepsOf(by: TrendStep, { from, to }: Pick<Range, 'from' | 'to'>, zone: string): { label: string, at: number }[] {
  const steps: { label: string, at: number }[] = []
  if (by === 'hour') {
    for (let hour = startOfHour(from + HOUR - 1); hour < to; hour += HOUR) steps.push({ label: hourLabel(hour, zone), at: hour })
    return steps
  }
  const last = localDate(to - 1, zone)
  for (let day = localDate(from, zone); day <= last; day = addDays(day, 1)) {
    const label = by === 'month' ? day.slice(0, 7) : day
    if (steps.at(-1)?.label !== label) steps.push({ label, at: startOfDate(by === 'month' ? `${label}-01` : day, zone) })
  }
  return steps
}

const hourLabel = (hour: number, zone: string): string => {
  const label = localClock(hour, zone)
  return localClock(hour - HOUR, zone) === label ? `${label} (2)` : label
}
