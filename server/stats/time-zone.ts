import { z } from 'zod'
import { addDays, localDate } from '#shared/utils/period'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { bookMissing } from './book-missing'
import { localDayOf, makeupOf } from './local-days'
import { retentionStart } from './retention'

const KEY = 'stats.timeZone'
/** So many days are done between two notes of how far it got. */
const DAYS_PER_NOTE = 31

/** `next`: the day from which, going back, daily roll-ups are still those of another zone; null when all are of `zone`. */
const record = z.object({ zone: z.string(), next: z.string().nullable() })

export interface TimeZoneDeps {
  repos: Pick<Repos, 'settings' | 'usageDays' | 'usageRepair'>
  clock: Clock
  logger: Logger
  timeZone: string
  retentionMonths: number
}

/**
 * Makes the daily roll-ups those of the configured zone when it changed, from the hourly ones. Runs before the first request
 * is let in, so that no limit ever counts days of two zones; goes on where it was when a start was cut short. An hour that the
 * new midnight cuts is shared out by its log rows, or counts where it begins once they are gone. Groups follow with the
 * next `stats:verify`, as far back as rows are kept.
 */
export async function followTimeZone({ repos, clock, logger, timeZone, retentionMonths }: TimeZoneDeps): Promise<void> {
  const json = await repos.settings.get(KEY)
  const known = json === null ? { zone: timeZone, next: null } : record.parse(JSON.parse(json))
  const note = (next: string | null) => repos.settings.set({ key: KEY, value: JSON.stringify({ zone: timeZone, next }), updatedBy: null, updatedAt: clock.now() })
  if (known.zone === timeZone && known.next === null) {
    if (json === null) await note(null)
    return
  }
  const { oldestHour, oldestDay, newestDay } = await repos.usageDays.span()
  const tomorrow = addDays(localDate(clock.now(), timeZone), 1)
  const newest = newestDay !== null && newestDay > tomorrow ? newestDay : tomorrow
  const first = known.zone === timeZone ? known.next ?? newest : newest
  const oldest = [oldestDay ?? newest, localDate(oldestHour ?? clock.now(), timeZone)].sort()[0] ?? newest
  logger.info({ from: known.zone, to: timeZone, oldest }, 'the time zone changed: daily statistics are put together anew')
  await note(first)
  let done = 0
  for (let day = first; day >= oldest; day = addDays(day, -1)) {
    await bookMissing({ repos, clock }, async ({ keptFrom }) => {
      const daily = await repos.usageDays.missing(makeupOf(localDayOf(day, timeZone), Math.max(keptFrom, retentionStart(clock.now(), retentionMonths, timeZone))))
      return daily.length > 0 ? { daily } : null
    })
    if (++done % DAYS_PER_NOTE === 0) await note(addDays(day, -1))
  }
  await note(null)
  logger.info({ days: done }, 'daily statistics are those of the new time zone')
}
