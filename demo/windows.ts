import type { UsageWindow } from '#shared/types/usage-window'
import { accounts } from './cast'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const used = [[0.62, 0.41], [0.28, 0.57], [0.83, 0.72], [0.15, 0.34]] as const

/** How far the usage windows of an official account of the cast are used up at a time (epoch-ms); empty for other accounts. */
export function windowsAt(accountId: string, now: number): UsageWindow[] {
  const at = accounts.filter(({ platform }) => platform === 'claude').findIndex(({ id }) => id === accountId)
  if (at < 0) return []
  const [short, long] = used[at % used.length]!
  return [
    { id: '5h', used: short, resetsAt: Math.ceil(now / (5 * HOUR)) * 5 * HOUR + at * HOUR / 4, status: 'allowed' },
    { id: '7d', used: long, resetsAt: (Math.ceil(now / DAY) + at + 1) * DAY, status: 'allowed' },
  ]
}

/** The same as headers of an answer. */
export const windowHeaders = (windows: readonly UsageWindow[]): Record<string, string> => Object.fromEntries(windows.flatMap(({ id, used, resetsAt, status }) => [
  [`anthropic-ratelimit-unified-${id}-status`, String(status)],
  [`anthropic-ratelimit-unified-${id}-utilization`, String(used)],
  [`anthropic-ratelimit-unified-${id}-reset`, String(Math.round((resetsAt ?? 0) / 1000))],
]))
