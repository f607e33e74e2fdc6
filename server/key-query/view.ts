import type { KeyCallView, KeyQueryView } from '#shared/types/key-query'
import { CALLS_PER_PAGE, type ShareScope } from '#shared/schemas/share'
import { keyStatus, type KeyStatus } from '#shared/utils/key-state'
import { nanoToUsd } from '#shared/utils/money'
import type { KeyView, ListOf } from '#shared/types/api'
import type { Outcome } from '#shared/types/log'
import { startOfHour } from '#shared/utils/period'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import type { LogRow } from '../db/repos/logs'
import type { ShareLinkRow } from '../db/repos/share-links'
import type { Principal } from '../keys/principal'
import { keyViews } from '../keys/view'
import { amountsOf, plus } from '../stats/amounts'
import { keyUse } from '../stats/key-use'

const MODELS = 6
const HOUR = 3_600_000

export interface Looked {
  row: ApiKeyRow
  /** Null while it is not in memory: judged by its own settings alone then. */
  principal: Principal | null
  share: ShareLinkRow | null
  scope: ShareScope
  cursor: string | undefined
}

/** A key as whoever holds it sees it; within a link's scope no statement is made for what it does not show. */
export async function keyQueryView(repos: Repos, { row, principal, share, scope, cursor }: Looked, { now, zone }: { now: number, zone: string }): Promise<KeyQueryView> {
  const [[view], stats, calls] = await Promise.all([
    keyViews(repos, [row], { now, timeZone: zone }),
    scope === 'limits' ? null : statsOf(repos, row.id, { now, zone }),
    scope === 'calls' ? callsOf(repos, row.id, cursor) : null,
  ])
  const { name, prefix, lastFour, expiresAt, expiresInDays, lastUsedAt, models, limits, usage } = view!
  return {
    at: now, timeZone: zone, scope,
    share: share && { name: share.name, expiresAt: share.expiresAt },
    key: { name, hint: share ? null : `${prefix}…${lastFour}`, status: statusOf(view!, principal, now), expiresAt, expiresInDays, lastUsedAt, models },
    limits, usage, stats, calls,
  }
}

/** A key is as good as disabled while its owner or its group is. */
export function statusOf(key: Pick<KeyView, 'broken' | 'enabled' | 'expiresAt'>, principal: Principal | null, now: number): KeyStatus {
  const enabled = key.enabled && principal?.owner.enabled !== false && principal?.group?.enabled !== false
  return keyStatus({ ...key, enabled }, now)
}

async function statsOf({ usage }: Repos, keyId: string, { now, zone }: { now: number, zone: string }): Promise<KeyQueryView['stats']> {
  const { month: _, ...use } = await keyUse(usage, keyId, { now, zone })
  const { groups, count } = await usage.by('model', { from: startOfHour(use.trend[0]!.at), to: startOfHour(now) + HOUR, keyId }, { order: 'billed', limit: MODELS })
  const items = groups.map(group => ({ id: group.id, name: group.id || null, deleted: false, ...amountsOf(group) }))
  if (count <= groups.length) return { ...use, models: { items, others: null } }
  const all = await usage.hourly({ from: startOfHour(use.trend[0]!.at), to: startOfHour(now) + HOUR, keyId })
  const others = groups.reduce((rest, group) => plus(rest, group, -1), all)
  return { ...use, models: { items, others: { count: count - groups.length, ...amountsOf(others) } } }
}

async function callsOf({ logs }: Repos, keyId: string, cursor: string | undefined): Promise<ListOf<KeyCallView>> {
  const { items, nextCursor } = await logs.list({ keyId }, { cursor, limit: CALLS_PER_PAGE })
  return { items: items.map(callView), nextCursor }
}

const callView = (row: LogRow): KeyCallView => ({
  requestId: row.requestId, createdAt: row.createdAt, model: row.model, stream: row.stream, status: row.status, outcome: row.outcome as Outcome,
  inputTokens: row.inputTokens, outputTokens: row.outputTokens, cacheReadTokens: row.cacheReadTokens, cacheWriteTokens: row.cacheWrite5mTokens + row.cacheWrite1hTokens,
  billedNano: row.billedNano, billedUsd: nanoToUsd(row.billedNano), ttfbMs: row.ttfbMs, durationMs: row.durationMs,
})
