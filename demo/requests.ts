import type { Attempt, ClosedRequest, OpenedRequest, Outcome, PricingTerms } from '#shared/types/log'
import { noUsage, type Usage } from '#shared/types/usage'
import { allowsModel } from '#shared/utils/model-pattern'
import { pricedName } from '#server/billing/price-names'
import type { PriceBook } from '#server/billing/prices'
import { newRequestId } from '#server/lib/id'
import { closedRow } from '#server/relay/row'
import { clients, models, type Manner } from './cast'
import { between, hex, pickBy, whole, type Random } from './random'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An account as rows name it. */
export interface PlayedAccount {
  id: string
  name: string
  platform: string
  manner: Manner
  weight: number
  /** Since when it serves nobody, epoch-ms. */
  outSince: number | null
  /** The model that answers in place of the one asked for. */
  served(model: string): string
}

/** A key with all that rows keep of it, and the accounts that may serve it. */
export interface PlayedKey {
  id: string
  name: string
  weight: number
  userId: string
  userName: string
  groupId: string | null
  groupName: string | null
  terms: PricingTerms
  ip: string
  /** Models by pattern; empty: all. */
  models: readonly string[]
  /** Epoch-ms. */
  madeAt: number
  accounts: readonly PlayedAccount[]
}

export interface SessionPlan {
  random: Random
  prices: Pick<PriceBook, 'cost'>
  key: PlayedKey
  /** Epoch-ms. */
  startsAt: number
  /** No request ends later (epoch-ms). */
  until: number
}

interface Turn { account: PlayedAccount, model: string, agentId: string | null, cached: number }

/** How requests end, in parts of a thousand. */
const endings: { outcome: Outcome, weight: number, status: number, errorType: string | null, errorMessage: string | null, reason: string | null }[] = [
  { outcome: 'ok', weight: 951, status: 200, errorType: null, errorMessage: null, reason: null },
  { outcome: 'client_closed', weight: 17, status: 499, errorType: null, errorMessage: null, reason: null },
  { outcome: 'refused', weight: 9, status: 429, errorType: 'rate_limit_error', errorMessage: 'This key allows 600 requests a minute.', reason: null },
  { outcome: 'upstream_error', weight: 8, status: 529, errorType: 'overloaded_error', errorMessage: 'Overloaded', reason: 'overloaded' },
  { outcome: 'upstream_error', weight: 7, status: 400, errorType: 'invalid_request_error', errorMessage: 'prompt is too long: 211840 tokens > 200000 maximum', reason: 'client_error' },
  { outcome: 'truncated', weight: 5, status: 200, errorType: 'api_error', errorMessage: 'The upstream cut its answer short.', reason: 'upstream_truncated' },
  { outcome: 'no_account', weight: 3, status: 529, errorType: 'overloaded_error', errorMessage: 'No account of this pool can serve the model now.', reason: null },
]

/** One person's work with Claude Code: requests one after another, in one conversation that grows, with a helper agent now and then. Oldest first. */
export function sessionOf({ random, prices, key, startsAt, until }: SessionPlan): ClosedRequest[] {
  const sessionId = `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`
  const client = pickBy(random, clients).name
  const account = pickBy(random, key.accounts.filter(each => each.weight > 0 && !isOut(each, startsAt)))
  const main = pickBy(random, models.filter(({ name }) => allowsModel(key.models, name))).name
  const helper = random() < 0.35 ? `agent-${hex(random, 8)}` : null
  const rows: ClosedRequest[] = []
  let cached = whole(random, 20_000, 130_000)
  let at = startsAt
  for (let turns = whole(random, 4, 30); turns > 0; turns--) {
    const agentId = helper !== null && random() < 0.3 ? helper : null
    const turn = { account, agentId, cached, model: agentId ? 'claude-haiku-4-5' : main }
    const row = requestOf({ random, prices, key, at, turn, opened: { sessionId, clientVersion: client } })
    if (row.createdAt > until) break
    rows.push(row)
    cached += row.cacheWrite5mTokens
    at = row.createdAt + between(random, 2_000, random() < 0.2 ? 6 * MINUTE : 40_000)
  }
  return rows
}

interface RequestPlan extends Pick<SessionPlan, 'random' | 'prices' | 'key'> {
  at: number
  turn: Turn
  opened: Pick<OpenedRequest, 'sessionId' | 'clientVersion'>
}

function requestOf({ random, prices, key, at, turn: { account, model, agentId, cached }, opened }: RequestPlan): ClosedRequest {
  const ending = pickBy(random, endings)
  const usage = usageOf(random, ending.outcome, cached)
  const attempts = attemptsOf(random, account, key.accounts, ending, at)
  const served = attempts.at(-1)?.accountId === account.id ? account : key.accounts.find(({ id }) => id === attempts.at(-1)?.accountId) ?? account
  const reached = ending.outcome !== 'refused' && ending.outcome !== 'no_account'
  const servedModel = usage.outputTokens > 0 ? served.served(model) : null
  const ttfbMs = usage.outputTokens > 0 ? whole(random, 380, 2_400) + attempts.slice(0, -1).reduce((sum, { ms }) => sum + (ms ?? 0), 0) : null
  const durationMs = ttfbMs === null ? whole(random, 8, 900) : ttfbMs + Math.round(usage.outputTokens * between(random, 9, 17))
  const request: OpenedRequest = {
    requestId: newRequestId(), startedAt: Math.round(at), userId: key.userId, userName: key.userName, apiKeyId: key.id, keyName: key.name, groupId: key.groupId, groupName: key.groupName,
    accountId: reached ? served.id : null, accountName: reached ? served.name : null, platform: reached ? served.platform : null,
    model, stream: random() < 0.96, agentId, ip: key.ip, ...opened,
  }
  const cost = prices.cost(pricedName({ priceBy: key.terms.priceBy, model, servedModel }), usage, key.terms.multiplierBp)
  return closedRow(request, usage, cost, {
    ...key.terms, ...ending, servedModel, ttfbMs, durationMs, attempts: attempts.map((attempt, n) => (n === attempts.length - 1 && attempt.ms !== null ? { ...attempt, ms: durationMs } : attempt)),
    createdAt: request.startedAt + durationMs,
    upstreamRequestId: reached ? `req_011${hex(random, 20)}` : null,
    usageComplete: ending.outcome === 'ok' || usage.outputTokens === 0,
    stopReason: ending.outcome !== 'ok' ? null : random() < 0.7 ? 'tool_use' : 'end_turn',
  })
}

function usageOf(random: Random, outcome: Outcome, cached: number): Usage {
  if (outcome !== 'ok' && outcome !== 'client_closed' && outcome !== 'truncated') return noUsage()
  const outputTokens = Math.round(40 + random() ** 3 * 3_800)
  return {
    ...noUsage(), inputTokens: whole(random, 3, 60), outputTokens, cacheReadTokens: cached, cacheWrite5mTokens: whole(random, 600, 9_000),
    webSearches: random() < 0.01 ? 1 : 0, serviceTier: 'standard',
  }
}

const isOut = ({ outSince }: PlayedAccount, at: number): boolean => outSince !== null && at >= outSince

/** The account, and before it now and then one that failed or was passed over. */
function attemptsOf(random: Random, account: PlayedAccount, pool: readonly PlayedAccount[], { outcome, status, reason }: (typeof endings)[number], at: number): Attempt[] {
  if (outcome === 'refused') return []
  const skipped = pool.filter(each => isOut(each, at) && each.id !== account.id)
    .map(({ id, name, manner }): Attempt => ({ accountId: id, accountName: name, verdict: 'skipped', status: null, ms: null, reason: manner === 'limited' ? 'limited' : 'abnormal' }))
  if (outcome === 'no_account') return pool.map(({ id, name }) => ({ accountId: id, accountName: name, verdict: 'skipped', status: null, ms: null, reason: 'cooling' }))
  const flaky = pool.find(({ manner, id }) => manner === 'flaky' && id !== account.id)
  const before: Attempt[] = []
  if (flaky && random() < 0.06) {
    const overloaded = random() < 0.6
    before.push({ accountId: flaky.id, accountName: flaky.name, verdict: 'transient', status: overloaded ? 529 : 502, ms: whole(random, 90, 2_600), reason: overloaded ? 'overloaded' : 'server_error' })
  }
  const verdicts: Partial<Record<Outcome, string>> = { ok: 'deliver', client_closed: 'stop', truncated: 'transient' }
  const verdict = verdicts[outcome] ?? (status === 400 ? 'pass' : 'transient')
  return [...skipped, ...before, { accountId: account.id, accountName: account.name, verdict, status: outcome === 'client_closed' ? 200 : status, ms: 0, reason }]
}

/** How busy an hour of the local day is. */
const busy = [2, 1, 1, 1, 1, 2, 4, 12, 34, 58, 66, 60, 38, 46, 64, 68, 62, 52, 34, 22, 16, 12, 8, 4]
const mostBusy = Math.max(...busy)

export interface MonthPlan {
  random: Random
  prices: Pick<PriceBook, 'cost'>
  keys: readonly PlayedKey[]
  /** End of it, epoch-ms. */
  now: number
  days: number
  /** Local hour and day of the week (0 is Sunday) of a time. */
  clock(at: number): { hour: number, weekday: number }
  /** Requests of the busiest hour, about. */
  perHour: number
}

/** What everybody did in the days until now, hour by hour: more by day than at night, little at weekends, and more from week to week. Oldest first. */
export function monthOf({ random, prices, keys, now, days, clock, perHour }: MonthPlan): ClosedRequest[] {
  const rows: ClosedRequest[] = []
  const first = now - days * 24 * HOUR
  for (let hour = first; hour < now; hour += HOUR) {
    const { hour: local, weekday } = clock(hour)
    const weekend = weekday === 0 || weekday === 6 ? 0.18 : 1
    const growth = 0.55 + 0.45 * (hour - first) / (now - first)
    // The last hours are never empty, at whatever time of the day somebody looks.
    const fresh = hour >= now - 2 * HOUR ? 0.5 : 0
    const sessions = Math.max(fresh, busy[local]! / mostBusy * weekend * growth) * perHour / 15 * between(random, 0.6, 1.4)
    for (let n = Math.floor(sessions + random()); n > 0; n--) {
      const startsAt = hour + random() * HOUR
      const key = pickBy(random, keys.map(each => ({ each, weight: each.madeAt < startsAt ? each.weight : 0 }))).each
      if (key.madeAt < startsAt) rows.push(...sessionOf({ random, prices, key, startsAt, until: now - 5_000 }))
    }
  }
  return rows.sort((a, b) => a.createdAt - b.createdAt)
}
