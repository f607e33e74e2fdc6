import type { BreakdownKind, TrendStep } from '#shared/schemas/stats'
import type { UsageWindow } from './usage-window'

/** Money: `…Nano` is an integer of 1e-9 USD, as a string once it passes JavaScript's safe integers; `…Usd` the same as a decimal string. */
export type Nano = number | string

export interface UsageAmounts {
  requests: number
  /** Requests that failed; a client that left is no failure. */
  errors: number
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWrite5mTokens: number
  cacheWrite1hTokens: number
  totalTokens: number
  costNano: Nano
  costUsd: string
  billedNano: Nano
  billedUsd: string
  /** Cost by kind. Each request's parts are rounded one by one, so the sum may be some nano-USD off `costNano`. */
  costParts: Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'webSearch', { nano: Nano, usd: string }>
  /** Mean over the requests that got a first byte; null without any. */
  averageTtfbMs: number | null
  averageDurationMs: number | null
}

export interface StatsRange {
  /** Epoch-ms, `from` included, `to` not. */
  from: number
  to: number
  /** IANA name of the zone whose days and months are meant. */
  timeZone: string
}

export interface StatsSummaryView extends StatsRange {
  current: UsageAmounts
  /** The time of the same length just before; as many local days when the range is whole days. */
  previous: UsageAmounts & { from: number, to: number }
}

export interface StatsTrendPoint extends UsageAmounts {
  /** Start of the hour, day or month, epoch-ms. */
  at: number
  /** Local `YYYY-MM-DD HH:00`, `YYYY-MM-DD` or `YYYY-MM`. */
  label: string
}

export interface StatsTrendView extends StatsRange {
  by: TrendStep
  /** Every step of the range, those without a request too. */
  items: StatsTrendPoint[]
  /** The same of the time before, when it was asked for. */
  previous?: StatsTrendPoint[]
}

export interface StatsBreakdownRow extends UsageAmounts {
  /** Model name, or id of the key, account, user or session; empty when a request had none. */
  id: string
  /** Shown name, of deleted ones too; null for what has no name, or whose name is none of the caller's business. */
  name: string | null
  /** Has it been deleted? */
  deleted: boolean
  /** Of sessions and agents. */
  session?: { keyId: string, keyName: string | null, sessionId: string, agentId: string, firstAt: number, lastAt: number }
}

export interface StatsBreakdownView extends StatsRange {
  by: BreakdownKind
  /** The largest first. */
  items: StatsBreakdownRow[]
  /** What the rows left out come to; null when none are left out. */
  others: (UsageAmounts & { count: number }) | null
  total: UsageAmounts
}

/** A row of a ranking, with what it came to in the time before. */
export interface StatsRankingRow extends StatsBreakdownRow {
  previous: UsageAmounts
}

/** Accounts by what they can do now. */
export type AccountTally = Record<'normal' | 'limited' | 'cooling' | 'abnormal' | 'disabled', number>

/** Everything that the dashboard shows of the caller's own things; of all, to admins. */
export interface StatsOverviewView {
  /** The server's present, epoch-ms. */
  at: number
  timeZone: string
  /** `users` is told to admins only. */
  counts: { users: number | null, keys: { total: number, enabled: number }, accounts: { total: number, enabled: number } }
  /** Since the beginning. */
  total: UsageAmounts
  today: UsageAmounts
  /** Yesterday up to the same hour. */
  yesterday: UsageAmounts
  /** The last 30 days, today included, each one. */
  trend: StatsTrendPoint[]
  /** Of these 30 days: the models that cost most. */
  models: Pick<StatsBreakdownView, 'items' | 'others' | 'total'>
  /** Of these 30 days: the accounts that cost most, and the keys with most requests. */
  accounts: StatsRankingRow[]
  keys: StatsRankingRow[]
  states: AccountTally
  /** Usage windows that are known of accounts, the fullest first. */
  windows: { accountId: string, accountName: string, window: UsageWindow }[]
  /** Requests that run now. */
  running: number
  /** What a new owner has done of the first steps. */
  steps: Record<'account' | 'test' | 'key' | 'settings' | 'request', boolean>
}
