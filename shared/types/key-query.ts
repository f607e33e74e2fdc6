import type { ShareScope } from '../schemas/share'
import type { KeyStatus } from '../utils/key-state'
import type { KeyLimitsView, ListOf, UsageView } from './api'
import type { Outcome } from './log'
import type { StatsBreakdownView, StatsTrendPoint, UsageAmounts } from './stats'

/** A request of a key, as whoever holds the key may see it: nothing of accounts. */
export interface KeyCallView {
  requestId: string
  /** When it was settled, epoch-ms. */
  createdAt: number
  model: string | null
  stream: boolean
  /** What the client got. */
  status: number
  outcome: Outcome
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** What counts for the key's limits. */
  billedNano: number
  billedUsd: string
  ttfbMs: number | null
  durationMs: number
}

/** What is shown of a key to whoever has it, or has a link to it. */
export interface KeyQueryView {
  /** The server's present, epoch-ms. */
  at: number
  /** IANA name of the zone in which days, weeks and months begin. */
  timeZone: string
  /** Of a link its own; the key itself shows everything. */
  scope: ShareScope
  /** The link it is seen by; null: by the key. */
  share: { name: string, expiresAt: number | null } | null
  key: {
    name: string
    /** First and last characters; null in what a link shows. */
    hint: string | null
    /** `disabled` also when its owner or group is. */
    status: KeyStatus
    expiresAt: number | null
    /** Days that it lives from its first use on; null: no such limit. */
    expiresInDays: number | null
    lastUsedAt: number | null
    /** Empty = all. */
    models: string[]
  }
  limits: KeyLimitsView
  usage: UsageView
  /** Null outside the scope. `stats` of 30 days, the models that cost most first. */
  stats: {
    today: UsageAmounts
    week: UsageAmounts
    days30: UsageAmounts
    trend: StatsTrendPoint[]
    models: Pick<StatsBreakdownView, 'items' | 'others'>
  } | null
  /** Newest first, null outside the scope. */
  calls: ListOf<KeyCallView> | null
}

/** What a visitor's cookie shows; null: nothing was entered, or it counts no more. */
export interface KeyLookView {
  view: KeyQueryView | null
}

/** A link that shows a key's use, as its owner manages it. The token is stored as a hash. */
export interface ShareView {
  id: string
  keyId: string
  name: string
  scope: ShareScope
  createdAt: number
  /** Null: never. */
  expiresAt: number | null
  lastUsedAt: number | null
}

/** Answer of the creation: the only time that the token is told. */
export type ShareWithToken = ShareView & { token: string }
