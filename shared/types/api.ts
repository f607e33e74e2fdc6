import type { FieldProblem } from '#shared/schemas/errors'
import type { FormField } from './form'
import type { Attempt, Outcome } from './log'
import type { CostParts, Usage } from './usage'

/** Answers of the JSON API. Times are epoch-ms; money is a decimal string in USD (`…Usd`) and an integer in nano-USD (`…Nano`). */

export interface ListOf<T> {
  items: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export interface ApiError {
  error: {
    /** 'validation' carries {@link FieldProblem}s in `details`. */
    code: string
    message: string
    details?: FieldProblem[] | Record<string, unknown>
    requestId: string
  }
}

export interface UserView {
  id: string
  username: string
  email: string | null
  role: 'admin' | 'user'
  enabled: boolean
  /** Until then only me, logout and change-password answer. */
  mustChangePassword: boolean
  /** May this user's keys without a group draw from the shared pool? */
  sharedPool: boolean
  locale: string | null
  lastLoginAt: number | null
  createdAt: number
}

export interface GroupView {
  id: string
  ownerId: string
  ownerName: string | null
  name: string
  remark: string | null
  enabled: boolean
  multiplierBp: number
  priceBy: 'asked' | 'served'
  accountCount: number
  keyCount: number
  createdAt: number
  updatedAt: number
}

export interface AccountStateView {
  name: 'normal' | 'limited' | 'cooling' | 'abnormal'
  reason: string | null
  evidence: string | null
  since: number
  until: number | null
  nextProbe: number | null
}

/** Secrets never leave the server: `credentialsHint` is the end of the secret, `proxyHint` the proxy without its login. */
export interface AccountView {
  id: string
  ownerId: string
  ownerName: string | null
  /** Null: the shared pool. */
  groupId: string | null
  groupName: string | null
  name: string
  platform: string
  baseUrl: string | null
  credentialsHint: string | null
  proxyHint: string | null
  enabled: boolean
  priority: number
  weight: number
  maxConcurrency: number
  models: string[]
  modelMap: Record<string, string>
  state: AccountStateView
  lastUsedAt: number | null
  createdAt: number
  updatedAt: number
}

export interface AccountTestView {
  ok: boolean
  /** The upstream's status; null when it was not reached. */
  status: number | null
  ms: number
  model: string
  message: string
}

export interface KeyLimitsView {
  dailyUsd: string | null
  dailyNano: number | null
  weeklyUsd: string | null
  weeklyNano: number | null
  monthlyUsd: string | null
  monthlyNano: number | null
  totalUsd: string | null
  totalNano: number | null
  requestsPerMinute: number | null
  concurrency: number | null
}

export interface KeyView {
  id: string
  ownerId: string
  ownerName: string | null
  /** Null: the shared pool. */
  groupId: string | null
  groupName: string | null
  name: string
  /** First and last characters, to recognise the key by. */
  prefix: string
  lastFour: string
  /** Can POST /api/keys/:id/reveal show it? */
  revealable: boolean
  enabled: boolean
  expiresAt: number | null
  expiresInDays: number | null
  firstUsedAt: number | null
  lastUsedAt: number | null
  models: string[]
  ipAllow: string[]
  clients: string[]
  limits: KeyLimitsView
  createdAt: number
  updatedAt: number
}

/** Answer of create and rotate: the only time that the key itself is told. */
export type KeyWithSecret = KeyView & { key: string }

export interface LogView extends Usage {
  requestId: string
  upstreamRequestId: string | null
  createdAt: number
  startedAt: number
  userId: string | null
  userName: string | null
  keyId: string | null
  keyName: string | null
  groupId: string | null
  groupName: string | null
  accountId: string | null
  accountName: string | null
  platform: string | null
  model: string | null
  servedModel: string | null
  stream: boolean
  /** What the client got; 499 when it left. */
  status: number
  outcome: Outcome
  errorType: string | null
  errorMessage: string | null
  usageComplete: boolean
  stopReason: string | null
  /** False: the model has no price, its cost counts as 0. */
  priced: boolean
  priceVersion: string | null
  /** Pico-USD, exact. */
  costParts: CostParts | null
  costNano: number
  costUsd: string
  billedNano: number
  billedUsd: string
  ttfbMs: number | null
  durationMs: number
  attempts: Attempt[]
  clientVersion: string | null
  sessionId: string | null
  agentId: string | null
  ip: string | null
}

export interface PlatformView {
  id: string
  label: string
  form: FormField[]
}

export interface PublicSettings {
  operatorName: string | null
  publicUrl: string | null
  notice: string | null
}

/** Answer of login, me and change-password. */
export interface MeView {
  user: UserView
}
