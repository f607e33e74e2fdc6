import type { KeyLimitsView, UsageView } from '#shared/types/api'
import { budgetsOf } from '#shared/utils/key-state'

const labels = { day: 'today', week: 'week', month: 'month', total: 'total' } as const

/** What a key used of its limits, in words. `full`: also the periods without a limit; else today and those with one. */
export function useKeyBudgets(of: () => { usage: UsageView, limits: KeyLimitsView }, full: () => boolean) {
  const { t } = useI18n()
  const { time, money } = useFormat()

  const budgets = computed(() => budgetsOf(of()).filter(({ capNano, period }) => capNano !== null || full() || period === 'day').map(({ period, usedNano, capNano, share, tone, resetsAt }) => ({
    period, share, tone,
    label: t(`keys.${labels[period]}`),
    text: capNano === null ? money(usedNano) : t('keys.used', { used: money(usedNano), cap: money(capNano) }),
    reset: capNano === null ? '' : resetsAt === null ? t('keys.neverResets') : t('keys.resets', { time: time(resetsAt) }),
  })))
  const others = computed(() => {
    const { requestsPerMinute, concurrency } = of().limits
    return [
      requestsPerMinute === null ? null : t('keys.usedRate', { cap: requestsPerMinute }),
      concurrency === null ? null : t('keys.usedRunning', { cap: concurrency }),
    ].filter(text => text !== null)
  })
  return { budgets, others }
}
