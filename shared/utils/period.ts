const HOUR = 3_600_000
const DAY = 24 * HOUR

export type Period = 'day' | 'week' | 'month'

interface LocalDay { date: string, start: number, end: number, spans?: Record<Period, string> }

const formats = new Map<string, Intl.DateTimeFormat>()
const lastDays = new Map<string, LocalDay>()

/** Start of the UTC hour that holds `at`; both epoch-ms. */
export const startOfHour = (at: number): number => Math.floor(at / HOUR) * HOUR

/** Local date, `YYYY-MM-DD`, of an instant (epoch-ms) in an IANA time zone. */
export const localDate = (at: number, zone: string): string => localDay(at, zone).date

/** Local `YYYY-MM-DD HH:MM` of an instant (epoch-ms). */
export const localClock = (at: number, zone: string): string => {
  const [date, time] = wallClock(at, zone)
  return `${date} ${time.slice(0, 5)}`
}

/** ISO 8601 with the zone's offset, to the second, of an instant (epoch-ms). */
export function localIso(at: number, zone: string): string {
  const minutes = Math.round(offset(at, zone) / 60_000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const [date, time] = wallClock(at, zone)
  return `${date}T${time}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

/** First instant (epoch-ms) of the local day, week (from Monday) or month that holds `at`. */
export function startOfPeriod(period: Period, at: number, zone: string): number {
  const day = localDay(at, zone)
  return period === 'day' ? day.start : startOfDate(firstDate(period, day.date), zone)
}

/** First instant (epoch-ms) after the local day, week or month that holds `at`. */
export function endOfPeriod(period: Period, at: number, zone: string): number {
  const day = localDay(at, zone)
  if (period === 'day') return day.end
  const first = firstDate(period, day.date)
  return startOfDate(period === 'week' ? addDays(first, 7) : firstDate('month', addDays(first, 31)), zone)
}

export const startOfDay = (at: number, zone: string): number => startOfPeriod('day', at, zone)
export const startOfWeek = (at: number, zone: string): number => startOfPeriod('week', at, zone)
export const startOfMonth = (at: number, zone: string): number => startOfPeriod('month', at, zone)

/** `YYYY-MM-DD` moved by whole days. */
export const addDays = (date: string, days: number): string => isoDate(utcOf(date) + days * DAY)

/** `YYYY-MM-DD` moved by whole months; a day that the month does not have becomes its last. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return isoDate(Date.UTC(year, month - 1 + months, Math.min(day, lastDay)))
}

/** First date of the day, week (Monday) or month that holds `date`. */
export function firstDate(period: Period, date: string): string {
  if (period === 'month') return `${date.slice(0, 7)}-01`
  if (period === 'day') return date
  return addDays(date, -((new Date(utcOf(date)).getUTCDay() + 6) % 7))
}

/** The local day, week (from Monday) and month that hold an instant, each named by its first date (`YYYY-MM-DD`). */
export function spansOf(at: number, zone: string): Record<Period, string> {
  const day = localDay(at, zone)
  day.spans ??= { day: day.date, week: firstDate('week', day.date), month: firstDate('month', day.date) }
  return { ...day.spans }
}

/** First instant (epoch-ms) at which the local date is `date`, or later where the zone skipped that date or its midnight. */
export function startOfDate(date: string, zone: string): number {
  const midnight = utcOf(date)
  const candidates = [-DAY, DAY].map(away => midnight - offset(midnight + away, zone)).sort((a, b) => a - b)
  return candidates.find(at => dateOf(at, zone) >= date && dateOf(at - 1, zone) < date) ?? midnight - offset(midnight, zone)
}

function localDay(at: number, zone: string): LocalDay {
  const known = lastDays.get(zone)
  if (known && at >= known.start && at < known.end) return known
  const date = dateOf(at, zone)
  const day: LocalDay = { date, start: startOfDate(date, zone), end: startOfDate(addDays(date, 1), zone) }
  lastDays.set(zone, day)
  return day
}

/** Milliseconds by which local clocks are ahead of UTC. */
function offset(at: number, zone: string): number {
  const second = Math.floor(at / 1000) * 1000
  const [date, time] = wallClock(second, zone)
  return Date.parse(`${date}T${time}Z`) - second
}

const dateOf = (at: number, zone: string): string => wallClock(at, zone)[0]

function wallClock(at: number, zone: string): [date: string, time: string] {
  const part: Record<string, string> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) part[type] = value
  return [`${part.year}-${part.month}-${part.day}`, `${part.hour}:${part.minute}:${part.second}`]
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const two = '2-digit' as const
  const options = { timeZone: zone, calendar: 'gregory', hourCycle: 'h23', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const
  const made = new Intl.DateTimeFormat('en-US', options)
  formats.set(zone, made)
  return made
}

const utcOf = (date: string): number => Date.parse(`${date}T00:00:00Z`)
const isoDate = (at: number): string => new Date(at).toISOString().slice(0, 10)
