import { isSessionKind, MAX_HOURLY_DAYS, type StatsBreakdownQuery, type StatsSummaryQuery, type StatsTrendQuery, type TrendStep } from '#shared/schemas/stats'
import type { StatsBreakdownView, StatsSummaryView, StatsTrendPoint, StatsTrendView } from '#shared/types/stats'
import type { DailyScope } from '../billing/rollups'
import type { Repos } from '../db/repos/index'
import type { HourlyFilter, SessionFilter, Totals } from '../db/repos/usage'
import type { Clock } from '../lib/clock'
import { visibleOwner, type Actor } from '../users/actor'
import { amountsOf, noTotals, plus } from './amounts'
import { namedGroups } from './names'
import { previousOf, rangeOf, requireDetailedSpan, requireSpan, type Range } from './range'
import { stepOf, stepsOf } from './steps'

export interface StatisticsDeps {
  repos: Pick<Repos, 'usage' | 'names'>
  clock: Clock
  timeZone: string
}

type Filters = Pick<StatsSummaryQuery, 'keyId' | 'accountId' | 'userId' | 'model'>

/** Sums over the roll-ups as people may read them: of their own requests, admins of all. */
export function createStatisticsService({ repos: { usage, names }, clock, timeZone }: StatisticsDeps) {
  const own = <Q extends Filters>(actor: Actor, query: Q): Q => ({ ...query, userId: visibleOwner(actor, query.userId) })
  const rangeFor = (query: StatsSummaryQuery) => rangeOf(query, clock.now(), timeZone)

  async function totalOf(filters: Filters, range: Range): Promise<Totals> {
    const daily = dailyScope(filters, range)
    if (daily) return usage.daily({ ...daily.scope, fromDay: daily.days.from, toDay: daily.days.to })
    return usage.hourly(hourlyFilter(filters, range))
  }

  /** The sums of every step of a range. */
  async function pointsOf(by: TrendStep, filters: Filters, range: Range): Promise<StatsTrendPoint[]> {
    const steps = new Map(stepsOf(by, range, timeZone).map(step => [step.label, { ...step, totals: noTotals() }]))
    const add = (label: string, totals: Totals) => {
      const step = steps.get(label)
      if (step) step.totals = plus(step.totals, totals)
    }
    const daily = by === 'hour' ? null : dailyScope(filters, range)
    if (daily) {
      for (const row of await usage.byDay({ ...daily.scope, fromDay: daily.days.from, toDay: daily.days.to })) add(by === 'month' ? row.day.slice(0, 7) : row.day, row)
    }
    else {
      for (const row of await usage.byHour(hourlyFilter(filters, range))) add(stepOf(by, row.hour, timeZone), row)
    }
    return [...steps.values()].map(({ at, label, totals }) => ({ at, label, ...amountsOf(totals) }))
  }

  return {
    async summary(actor: Actor, asked: StatsSummaryQuery): Promise<StatsSummaryView> {
      const query = own(actor, asked)
      const range = rangeFor(query)
      const before = previousOf(range, clock.now(), timeZone)
      const [current, previous] = await Promise.all([totalOf(query, range), totalOf(query, before)])
      return { from: range.from, to: range.to, timeZone, current: amountsOf(current), previous: { from: before.from, to: before.to, ...amountsOf(previous) } }
    },

    async trend(actor: Actor, asked: StatsTrendQuery): Promise<StatsTrendView> {
      const { by, compare, ...filters } = own(actor, asked)
      const range = rangeFor(filters)
      if (by === 'hour') requireSpan(range, MAX_HOURLY_DAYS)
      const [items, previous] = await Promise.all([pointsOf(by, filters, range), compare ? pointsOf(by, filters, previousOf(range, clock.now(), timeZone)) : null])
      return { from: range.from, to: range.to, timeZone, by, items, ...previous ? { previous } : {} }
    },

    async breakdown(actor: Actor, asked: StatsBreakdownQuery): Promise<StatsBreakdownView> {
      const { by, sort: order, limit, sessionId, ...filters } = own(actor, asked)
      const page = { order, limit }
      const range = rangeFor(filters)
      const answer = async (grouped: { groups: (Totals & { id: string })[], count: number }, total: Totals): Promise<StatsBreakdownView> => {
        const others = grouped.groups.reduce((rest, group) => plus(rest, group, -1), total)
        const left = grouped.count - grouped.groups.length
        return {
          from: range.from, to: range.to, timeZone, by,
          items: await namedGroups(names, actor, by, grouped.groups),
          others: left > 0 ? { count: left, ...amountsOf(others) } : null,
          total: amountsOf(total),
        }
      }
      if (isSessionKind(by)) {
        const wholeSession = sessionId !== undefined && filters.keyId !== undefined && filters.from === undefined && filters.days === undefined
        if (!wholeSession) requireSpan(range, MAX_HOURLY_DAYS)
        const filter: SessionFilter = { from: wholeSession ? 0 : range.from, to: range.to, userId: filters.userId, keyId: filters.keyId, sessionId }
        return answer(await (by === 'session' ? usage.bySession : usage.byAgent)(filter, page), await usage.sessions(filter))
      }
      const scoped = by !== 'model' && Object.values({ ...filters, from: undefined, to: undefined, days: undefined }).every(value => value === undefined)
      if (scoped && range.days) return answer(await usage.byScope({ scope: by, fromDay: range.days.from, toDay: range.days.to }, page), await totalOf(filters, range))
      const filter = hourlyFilter(filters, range)
      return answer(await usage.by(by, filter, page), await usage.hourly(filter))
    },
  }
}

export type StatisticsService = ReturnType<typeof createStatisticsService>

/** Whole days of one id, or of everything, are read from the daily roll-ups. */
function dailyScope({ keyId, accountId, userId, model }: Filters, { days }: Range): { scope: { scope: DailyScope, scopeId: string }, days: { from: string, to: string } } | null {
  if (!days || model !== undefined) return null
  const given = ([['key', keyId], ['account', accountId], ['user', userId]] as const).filter(([, id]) => id !== undefined)
  if (given.length > 1) return null
  const [scope, scopeId = ''] = given[0] ?? ['all' as const]
  return { scope: { scope, scopeId }, days }
}

function hourlyFilter({ keyId, accountId, userId, model }: Filters, range: Range): HourlyFilter {
  requireDetailedSpan(range)
  return { from: range.from, to: range.to, keyId, accountId, userId, model }
}
