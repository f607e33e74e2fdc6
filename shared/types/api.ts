import type { FieldProblem } from '#shared/schemas/errors'
import type { FormField } from './form'
import type { Attempt, Outcome, PricingTerms } from './log'
import type { CostParts, Usage } from './usage'
import type { UsageWindow } from './usage-window'

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
  /** Model families that alone are limited, with the end of it. */
  modelLimits: Record<string, number>
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
  /** The platform's own settings. */
  options: Record<string, unknown>
  /** Cost per local day (list price) after which the account is passed over; null = none. */
  dailyLimitUsd: string | null
  dailyLimitNano: number | null
  state: AccountStateView
  /** Requests under way, over all instances that share Redis. */
  inFlight: number
  /** Part of its priority's weight in its pool, 0 to 1; null while it is disabled. */
  weightShare: number | null
  /** Usage windows that the upstream tells of; empty when it tells none. */
  windows: UsageWindow[]
  usage: UsageView
  /** When the access token runs out; null: never, or not known. */
  tokenExpiresAt: number | null
  lastUsedAt: number | null
  createdAt: number
  updatedAt: number
}

/** Answer of POST /api/accounts/oauth/start. */
export interface SignInView {
  flowId: string
  /** To be opened by the person who signs in. */
  url: string
  /** Until when the code is taken. */
  expiresAt: number
}

export interface AccountTestView {
  ok: boolean
  /** The upstream's status; null when it was not reached. */
  status: number | null
  ms: number
  model: string
  /** Which call it was: a message of one token, counting tokens, or the list of models. */
  probe: 'messages' | 'count_tokens' | 'models'
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
  usage: UsageView
  /** Settings in the database can't be read: the key is refused until they are saved anew. */
  broken: boolean
  createdAt: number
  updatedAt: number
}

/** What was spent in a period (a moment behind the running requests) and when it begins anew. */
export interface SpentView {
  usedUsd: string
  usedNano: number
  resetsAt: number | null
}

/** Weeks begin on Monday. Of an account the list price counts, of a key what its group makes of it. */
export interface UsageView {
  day: SpentView
  week: SpentView
  month: SpentView
  total: SpentView
  requestsToday: number
  requestsWeek: number
}

/** Answer of create and rotate: the only time that the key itself is told. */
export type KeyWithSecret = KeyView & { key: string }

export interface LogView extends Usage, PricingTerms {
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
  /** Of a row that was priced later, when its model got a price: the price version before, and when. */
  priceVersionBefore: string | null
  repricedAt: number | null
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
  /** Value of each field `options.…` of a new account. */
  defaults: Record<string, unknown>
  /** Settings for makers of upstreams, to fill the form with. */
  presets: { id: string, label: string, baseUrl: string, options: Record<string, unknown> }[]
  /** Can accounts be added by signing in? */
  signIn: boolean
}

/** A limit that keys can have, and how a form asks for it. */
export interface LimitView {
  id: string
  label: string
  form: FormField[]
}

/** Answer of login, me and change-password. */
export interface MeView {
  user: UserView
}
