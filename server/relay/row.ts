import type { Attempt, ClosedRequest, OpenedRequest, Outcome, PricingTerms } from '#shared/types/log'
import type { Cost, Usage } from '#shared/types/usage'

/** What is known of a request at its end, besides how it was opened and what it used. */
export interface RowEnd extends PricingTerms {
  upstreamRequestId: string | null
  createdAt: number
  servedModel: string | null
  status: number
  outcome: Outcome
  errorType: string | null
  errorMessage: string | null
  usageComplete: boolean
  stopReason: string | null
  ttfbMs: number | null
  durationMs: number
  attempts: Attempt[]
}

/** One row of the ledger. Field by field: spreading objects of this width costs more than all the rest of settling. */
export const closedRow = (request: OpenedRequest, usage: Usage, cost: Cost, end: RowEnd): ClosedRequest => ({
  requestId: request.requestId,
  startedAt: request.startedAt,
  userId: request.userId,
  userName: request.userName,
  apiKeyId: request.apiKeyId,
  keyName: request.keyName,
  groupId: request.groupId,
  groupName: request.groupName,
  accountId: request.accountId,
  accountName: request.accountName,
  platform: request.platform,
  model: request.model,
  stream: request.stream,
  clientVersion: request.clientVersion,
  sessionId: request.sessionId,
  agentId: request.agentId,
  ip: request.ip,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheReadTokens: usage.cacheReadTokens,
  cacheWrite5mTokens: usage.cacheWrite5mTokens,
  cacheWrite1hTokens: usage.cacheWrite1hTokens,
  thinkingTokens: usage.thinkingTokens,
  webSearches: usage.webSearches,
  serviceTier: usage.serviceTier,
  speed: usage.speed,
  inferenceGeo: usage.inferenceGeo,
  multiplierBp: end.multiplierBp,
  priceBy: end.priceBy,
  priced: cost.priced,
  priceVersion: cost.priceVersion,
  costParts: cost.parts,
  costNano: cost.costNano,
  billedNano: cost.billedNano,
  upstreamRequestId: end.upstreamRequestId,
  createdAt: end.createdAt,
  servedModel: end.servedModel,
  status: end.status,
  outcome: end.outcome,
  errorType: end.errorType,
  errorMessage: end.errorMessage,
  usageComplete: end.usageComplete,
  stopReason: end.stopReason,
  ttfbMs: end.ttfbMs,
  durationMs: end.durationMs,
  attempts: end.attempts,
})
