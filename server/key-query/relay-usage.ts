import type { RelayUsage } from '#shared/schemas/relay-usage'
import type { UsageAmounts } from '#shared/types/stats'
import { budgetsOf } from '#shared/utils/key-state'
import type { Repos } from '../db/repos/index'
import type { Principal } from '../keys/principal'
import { keyViews } from '../keys/view'
import type { Clock } from '../lib/clock'
import { keyUse } from '../stats/key-use'
import { statusOf } from './view'

/** What a key used, as `GET /claude-code/v1/relay/usage` tells it. Null: the key was deleted meanwhile. */
export function createRelayUsage({ repos, clock, timeZone: zone }: { repos: Repos, clock: Clock, timeZone: string }) {
  return async (principal: Principal): Promise<RelayUsage | null> => {
    const now = clock.now()
    const row = await repos.apiKeys.get(principal.key.id)
    if (!row) return null
    const [[view], use] = await Promise.all([keyViews(repos, [row], { now, timeZone: zone }), keyUse(repos.usage, row.id, { now, zone })])
    const { name, expiresAt, models, limits, usage } = view!
    return {
      type: 'key_usage',
      at: new Date(now).toISOString(),
      currency: 'USD',
      time_zone: zone,
      key: { name, status: statusOf(view!, principal, now), expires_at: iso(expiresAt), models },
      limits: budgetsOf({ usage, limits }).flatMap(({ which, usedUsd, capUsd, share, resetsAt }) =>
        capUsd === null || share === null ? [] : [{ which, used: usedUsd, cap: capUsd, share, resets_at: iso(resetsAt) }]),
      requests_per_minute: limits.requestsPerMinute,
      concurrency: limits.concurrency,
      usage: { today: spanOf(use.today), week: spanOf(use.week), month: spanOf(use.month), total: { cost: usage.total.usedUsd } },
    }
  }
}

export type ReadRelayUsage = ReturnType<typeof createRelayUsage>

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const spanOf = ({ requests, totalTokens, billedUsd }: UsageAmounts) => ({ requests, tokens: totalTokens, cost: billedUsd })
