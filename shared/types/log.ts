import type { CostParts, Usage } from './usage'

export const outcomes = ['ok', 'refused', 'upstream_error', 'no_account', 'truncated', 'client_closed', 'interrupted'] as const
export type Outcome = (typeof outcomes)[number]

/** One try at an account, or one account passed over and why (`ms` and `status` are null then). */
export interface Attempt {
  accountId: string
  accountName: string
  /** 'deliver' | 'pass' | 'transient' | 'limited' | 'account_fault' | 'pass_over' | 'stop' | 'skipped' */
  verdict: string
  status: number | null
  ms: number | null
  reason: string | null
}

/** What is known of a request when it goes to an upstream. Ids are ours, times epoch-ms. */
export interface OpenedRequest {
  requestId: string
  startedAt: number
  userId: string | null
  userName: string | null
  apiKeyId: string | null
  keyName: string | null
  groupId: string | null
  groupName: string | null
  accountId: string | null
  accountName: string | null
  platform: string | null
  /** Model asked for; null when the body named none. */
  model: string | null
  stream: boolean
  clientVersion: string | null
  sessionId: string | null
  agentId: string | null
  ip: string | null
}

/** How a group pays: `multiplierBp` in 1/10,000 of the list price, by the model asked for or the one that answered. */
export interface PricingTerms {
  multiplierBp: number
  priceBy: 'asked' | 'served'
}

/** One settled message request: the row of the ledger. */
export interface ClosedRequest extends OpenedRequest, Usage, PricingTerms {
  upstreamRequestId: string | null
  createdAt: number
  servedModel: string | null
  /** What the client got; 499 when it left. */
  status: number
  outcome: Outcome
  errorType: string | null
  errorMessage: string | null
  usageComplete: boolean
  stopReason: string | null
  priced: boolean
  priceVersion: string | null
  costParts: CostParts | null
  costNano: number
  billedNano: number
  ttfbMs: number | null
  durationMs: number
  attempts: Attempt[]
}
