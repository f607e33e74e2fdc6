import type { StatsTrendPoint, UsageAmounts } from '#shared/types/stats'
import { addDays, spansOf, startOfDate } from '#shared/utils/period'
import type { UsageRepo } from '../db/repos/usage'
import { amountsOf, noTotals, plus } from './amounts'
import { stepsOf } from './steps'

const DAYS = 30

/** What one key used, by local days. */
export interface KeyUse {
  today: UsageAmounts
  /** Since Monday. */
  week: UsageAmounts
  /** Since the first of the month. */
  month: UsageAmounts
  /** The last 30 days, today included. */
  days30: UsageAmounts
  /** Each of these 30 days. */
  trend: StatsTrendPoint[]
}

/** One statement over the daily roll-ups. `now` is epoch-ms, `zone` where days begin. */
export async function keyUse(usage: Pick<UsageRepo, 'byDay'>, keyId: string, { now, zone }: { now: number, zone: string }): Promise<KeyUse> {
  const { day, week, month } = spansOf(now, zone)
  const start = addDays(day, 1 - DAYS)
  const rows = await usage.byDay({ scope: 'key', scopeId: keyId, fromDay: [start, week, month].sort()[0]!, toDay: day })
  const since = (first: string) => amountsOf(rows.filter(row => row.day >= first).reduce((sum, row) => plus(sum, row), noTotals()))
  const byDay = new Map(rows.map(row => [row.day, row]))
  const steps = stepsOf('day', { from: startOfDate(start, zone), to: now + 1 }, zone)
  return {
    today: since(day), week: since(week), month: since(month), days30: since(start),
    trend: steps.map(({ label, at }) => ({ at, label, ...amountsOf(byDay.get(label) ?? noTotals()) })),
  }
}
