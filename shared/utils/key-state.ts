import type { KeyLimitsView, KeyView, UsageView } from '../types/api'

export type KeyStatus = 'active' | 'disabled' | 'expired' | 'broken'

/** What a key is by its settings and the time (epoch-ms); one that was spent up is active. */
export function keyStatus({ broken, enabled, expiresAt }: Pick<KeyView, 'broken' | 'enabled' | 'expiresAt'>, now: number): KeyStatus {
  if (broken) return 'broken'
  if (!enabled) return 'disabled'
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active'
}

/** What was spent in a period, against its limit. */
export interface Budget {
  period: 'day' | 'week' | 'month' | 'total'
  /** As a refusal by this limit names it in `details.which`. */
  which: 'daily' | 'weekly' | 'monthly' | 'total'
  usedNano: number
  usedUsd: string
  /** Null: no limit. */
  capNano: number | null
  capUsd: string | null
  /** Part of the limit that is used, 0 to 1; null without a limit. */
  share: number | null
  /** Epoch-ms; null: never. */
  resetsAt: number | null
  tone: 'fine' | 'near' | 'over'
}

const periods = [['day', 'daily'], ['week', 'weekly'], ['month', 'monthly'], ['total', 'total']] as const
const NEAR = 0.8

/** The cost limits of a key with what is used of each, the shortest period first; a period without a limit is among them. */
export function budgetsOf({ usage, limits }: { usage: UsageView, limits: KeyLimitsView }): Budget[] {
  return periods.map(([period, which]) => {
    const { usedNano, usedUsd, resetsAt } = usage[period]
    const capNano = limits[`${which}Nano`]
    const share = capNano === null ? null : capNano === 0 ? 1 : Math.min(1, usedNano / capNano)
    const tone = share === null || share < NEAR ? 'fine' : share < 1 ? 'near' : 'over'
    return { period, which, usedNano, usedUsd, capNano, capUsd: limits[`${which}Usd`], share, resetsAt, tone }
  })
}
