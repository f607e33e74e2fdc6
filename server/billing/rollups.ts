import type { ClosedRequest, Outcome } from '#shared/types/log'
import type { CostParts } from '#shared/types/usage'
import { localDate, startOfHour } from '#shared/utils/period'

/** What a settled request adds to the roll-ups. */
export type Counted = Pick<ClosedRequest,
  | 'createdAt' | 'startedAt' | 'userId' | 'apiKeyId' | 'accountId' | 'groupId' | 'model' | 'sessionId' | 'agentId' | 'inputTokens' | 'outputTokens'
  | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens' | 'costNano' | 'billedNano' | 'ttfbMs' | 'durationMs'> & {
    outcome: string
    /** As the log row keeps it: JSON of {@link CostParts}. */
    costParts: string | null
  }

export const sumKeys = [
  'requests', 'errors', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens',
  'costNano', 'billedNano', 'costInputNano', 'costOutputNano', 'costCacheReadNano', 'costCacheWriteNano', 'costWebSearchNano', 'ttfbMsSum', 'ttfbCount', 'durationMsSum',
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
export const notErrors: ReadonlySet<string> = new Set<string>(['ok', 'client_closed'] satisfies Outcome[])

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

export type CostKey = 'costInputNano' | 'costOutputNano' | 'costCacheReadNano' | 'costCacheWriteNano' | 'costWebSearchNano'

/** A log row's cost by kind, each rounded half up to nano-USD: together up to 3 nano-USD away from the row's cost. */
export function costByKind(costParts: string | null): Record<CostKey, number> {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h, webSearch } = costParts === null ? noParts : JSON.parse(costParts) as CostParts
  const nano = (pico: number) => (pico + 500 - (pico + 500) % 1000) / 1000
  return {
    costInputNano: nano(input), costOutputNano: nano(output), costCacheReadNano: nano(cacheRead),
    costCacheWriteNano: nano(cacheWrite5m + cacheWrite1h), costWebSearchNano: nano(webSearch),
  }
}

const noParts: CostParts = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 }

export const noSums = (): Sums => Object.fromEntries(sumKeys.map(name => [name, 0])) as Sums

/** `counted` less `booked`: what a roll-up lacks; null when nothing. */
export function missing(counted: Sums | undefined, booked: Sums | null | undefined): Sums | null {
  const sums = noSums()
  for (const name of sumKeys) sums[name] = (counted?.[name] ?? 0) - (booked?.[name] ?? 0)
  return sumKeys.some(name => sums[name] !== 0) ? sums : null
}

/** The daily roll-ups that a request counts in. */
function scopesOf({ userId, apiKeyId, accountId, groupId }: Pick<Counted, 'userId' | 'apiKeyId' | 'accountId' | 'groupId'>): [DailyScope, string][] {
  const scopes: [DailyScope, string | null][] = [['all', ''], ['user', userId], ['key', apiKeyId], ['account', accountId], ['group', groupId]]
  return scopes.filter((each): each is [DailyScope, string] => each[1] !== null)
}

function sumsOf(row: Counted, sign: 1 | -1): Sums {
  const timed = row.ttfbMs !== null
  const cost = costByKind(row.costParts)
  const signed = (value: number) => (value === 0 ? 0 : sign * value)
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
    costInputNano: signed(cost.costInputNano),
    costOutputNano: signed(cost.costOutputNano),
    costCacheReadNano: signed(cost.costCacheReadNano),
    costCacheWriteNano: signed(cost.costCacheWriteNano),
    costWebSearchNano: signed(cost.costWebSearchNano),
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
