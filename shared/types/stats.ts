import type { BreakdownKind, TrendStep } from '#shared/schemas/stats'

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
