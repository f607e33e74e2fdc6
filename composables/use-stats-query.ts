import { breakdownKinds, breakdownSorts, isSessionKind, MAX_HOURLY_DAYS, trendSteps, type BreakdownKind, type TrendStep } from '#shared/schemas/stats'

export const ranges = { 'today': 1, '7d': 7, '30d': 30, '90d': 90, '365d': 365 } as const
export type RangeName = keyof typeof ranges | 'custom'

const ISO_DATE = /^\d{4}-\d\d-\d\d$/
const ROWS = 20
const MORE_ROWS = 100

/** What the statistics page shows, from its address, and what the API is asked for. */
export function useStatsQuery() {
  const { state, set, linkTo } = useQueryState(() => ['range', 'from', 'to', 'accountId', 'keyId', 'userId', 'model', 'sessionId', 'step', 'by', 'sort', 'all', 'compare'])

  const pick = <T extends string>(from: readonly T[], value: string, other: T): T => from.find(one => one === value) ?? other
  const range = computed<RangeName>(() => (state.value.range === 'custom' || state.value.from ? 'custom' : pick(Object.keys(ranges) as (keyof typeof ranges)[], state.value.range, '7d')))
  const times = computed(() => {
    if (range.value !== 'custom') return { days: ranges[range.value] }
    const date = (value: string) => (ISO_DATE.test(value) ? value : undefined)
    return { from: date(state.value.from), to: date(state.value.to) }
  })
  /** Days in the range; null while it is not known. */
  const span = computed(() => {
    const { days, from, to } = times.value as { days?: number, from?: string, to?: string }
    if (days) return days
    return from && to ? Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1 : null
  })
  const filters = computed(() => {
    const { accountId, keyId, userId, model } = state.value
    return { ...times.value, accountId: accountId || undefined, keyId: keyId || undefined, userId: userId || undefined, model: model || undefined }
  })

  const allowedSteps = computed(() => trendSteps.filter(step => step !== 'hour' || (span.value !== null && span.value <= MAX_HOURLY_DAYS)))
  const usualStep = computed<TrendStep>(() => (span.value === 1 ? 'hour' : (span.value ?? 0) > 120 ? 'month' : 'day'))
  const step = computed(() => pick(allowedSteps.value, state.value.step, usualStep.value))
  const compare = computed(() => state.value.compare !== 'off')

  const asked = computed<BreakdownKind>(() => pick(breakdownKinds, state.value.by, 'model'))
  /** Sessions are not kept by account or model, nor further than a month back. */
  const sessionsFit = computed(() => !filters.value.accountId && !filters.value.model && (span.value ?? 0) <= MAX_HOURLY_DAYS)
  const by = computed<BreakdownKind>(() => (isSessionKind(asked.value) && !sessionsFit.value && !state.value.sessionId ? 'model' : asked.value))
  const sort = computed(() => pick(breakdownSorts, state.value.sort, 'cost'))

  const breakdown = computed(() => {
    const rows = { by: by.value, sort: sort.value, limit: state.value.all ? MORE_ROWS : ROWS }
    const { keyId, userId } = filters.value
    // The agents of one session: of all its time.
    if (isSessionKind(by.value) && state.value.sessionId) return { keyId, userId, sessionId: state.value.sessionId, ...rows }
    return { ...filters.value, ...rows }
  })
  const narrowed = computed(() => (['accountId', 'keyId', 'userId', 'model'] as const).some(name => state.value[name]))

  return { state, set, linkTo, range, span, filters, step, allowedSteps, compare, by, sort, sessionsFit, breakdown, narrowed }
}
