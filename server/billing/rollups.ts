import type { ClosedRequest, Outcome } from '#shared/types/log'
import { localDate, startOfHour } from '#shared/utils/period'

/** What a settled request adds to the roll-ups. */
export type Counted = Pick<ClosedRequest,
  | 'createdAt' | 'startedAt' | 'userId' | 'apiKeyId' | 'accountId' | 'groupId' | 'model' | 'sessionId' | 'agentId' | 'inputTokens' | 'outputTokens'
  | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens' | 'costNano' | 'billedNano' | 'ttfbMs' | 'durationMs'> & { outcome: string }

export const sumKeys = [
  'requests', 'errors', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens',
  'costNano', 'billedNano', 'ttfbMsSum', 'ttfbCount', 'durationMsSum',
] as const

export type SumKey = (typeof sumKeys)[number]
export type Sums = Record<SumKey, number>
export type DailyScope = 'all' | 'user' | 'key' | 'account' | 'group'

export type HourlySums = Sums & { hour: number, userId: string, apiKeyId: string, accountId: string, model: string }
export type DailySums = Sums & { scope: DailyScope, scopeId: string, day: string }
export type SessionSums = Sums & { apiKeyId: string, sessionId: string, agentId: string, userId: string, firstAt: number, lastAt: number }

/** Amounts to add per bucket (negative ones take back), each list in the order of its keys, so that transactions lock alike. */
export interface RollUps {
  hourly: HourlySums[]
  daily: DailySums[]
  sessions: SessionSums[]
}

/** A client that left is nobody's failure. */
export const isError = (outcome: string): boolean => !notErrors.has(outcome)
const notErrors = new Set<string>(['ok', 'client_closed'] satisfies Outcome[])

/** The difference that replacing `removed` by `added` makes. Days are those of `timeZone`, by settle time. */
export function rollUp(added: readonly Counted[], removed: readonly Counted[], timeZone: string): RollUps {
  const hourly = new Buckets<HourlySums>()
  const daily = new Buckets<DailySums>()
  const sessions = new Buckets<SessionSums>()
  const book = (row: Counted, sign: 1 | -1) => {
    const sums = sumsOf(row, sign)
    const { userId, apiKeyId, accountId, model } = row
    hourly.add({ hour: startOfHour(row.createdAt), userId: userId ?? '', apiKeyId: apiKeyId ?? '', accountId: accountId ?? '', model: model ?? '' }, {}, sums)
    const day = localDate(row.createdAt, timeZone)
    for (const [scope, scopeId] of scopesOf(row)) daily.add({ scope, scopeId, day }, {}, sums)
    if (apiKeyId === null || row.sessionId === null) return
    const bucket = sessions.add({ apiKeyId, sessionId: row.sessionId, agentId: row.agentId ?? '' }, { userId: userId ?? '', firstAt: row.startedAt, lastAt: row.createdAt }, sums)
    bucket.firstAt = Math.min(bucket.firstAt, row.startedAt)
    bucket.lastAt = Math.max(bucket.lastAt, row.createdAt)
  }
  for (const row of removed) book(row, -1)
  for (const row of added) book(row, 1)
  return { hourly: hourly.sorted(), daily: daily.sorted(), sessions: sessions.sorted() }
}

function scopesOf({ userId, apiKeyId, accountId, groupId }: Counted): [DailyScope, string][] {
  const scopes: [DailyScope, string | null][] = [['all', ''], ['user', userId], ['key', apiKeyId], ['account', accountId], ['group', groupId]]
  return scopes.filter((each): each is [DailyScope, string] => each[1] !== null)
}

function sumsOf(row: Counted, sign: 1 | -1): Sums {
  const timed = row.ttfbMs !== null
  return {
    requests: sign,
    errors: isError(row.outcome) ? sign : 0,
    inputTokens: sign * row.inputTokens,
    outputTokens: sign * row.outputTokens,
    cacheReadTokens: sign * row.cacheReadTokens,
    cacheWrite5mTokens: sign * row.cacheWrite5mTokens,
    cacheWrite1hTokens: sign * row.cacheWrite1hTokens,
    costNano: sign * row.costNano,
    billedNano: sign * row.billedNano,
    ttfbMsSum: timed ? sign * (row.ttfbMs ?? 0) : 0,
    ttfbCount: timed ? sign : 0,
    durationMsSum: sign * row.durationMs,
  }
}

class Buckets<B extends Sums> {
  readonly #buckets = new Map<string, B>()

  add(key: object, rest: object, sums: Sums): B {
    const id = JSON.stringify(Object.values(key))
    const known = this.#buckets.get(id)
    if (!known) {
      const made = { ...key, ...rest, ...sums } as B
      this.#buckets.set(id, made)
      return made
    }
    const totals: Sums = known
    for (const name of sumKeys) totals[name] += sums[name]
    return known
  }

  /** Without buckets in which nothing changes. */
  sorted(): B[] {
    const entries = [...this.#buckets].filter(([, bucket]) => sumKeys.some(name => bucket[name] !== 0))
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bucket]) => bucket)
  }
}
