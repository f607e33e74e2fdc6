import type { ClosedRequest, OpenedRequest } from '#shared/types/log'
import { noUsage } from '#shared/types/usage'

/** An opened request with every field set. */
export const openedRequest = (requestId: string, some: Partial<OpenedRequest> = {}): OpenedRequest => ({
  requestId, startedAt: Date.UTC(2026, 10, 22, 10), userId: 'user1', userName: 'Ada', apiKeyId: 'key1', keyName: 'laptop', groupId: 'group1', groupName: 'team',
  accountId: 'account1', accountName: 'console', platform: 'claude_console', model: 'claude-sonnet-5-5', stream: true,
  clientVersion: 'claude-cli/2.1.330', sessionId: 'session1', agentId: null, ip: '127.0.0.1', ...some,
})

/** A settled request: 10 tokens in, 5 out, a first byte after 20 ms, done after 50. */
export const closedRequest = (requestId: string, some: Partial<ClosedRequest> = {}): ClosedRequest => ({
  ...openedRequest(requestId), ...noUsage(), inputTokens: 10, outputTokens: 5,
  upstreamRequestId: `up_${requestId}`, createdAt: Date.UTC(2026, 10, 22, 10) + 50, servedModel: 'claude-sonnet-5-5', status: 200, outcome: 'ok',
  errorType: null, errorMessage: null, usageComplete: true, stopReason: 'end_turn', multiplierBp: 10_000, priceBy: 'asked', priced: true, priceVersion: 'v1',
  costParts: { input: 20_000_000, output: 50_000_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 },
  costNano: 70_000, billedNano: 70_000, ttfbMs: 20, durationMs: 50,
  attempts: [{ accountId: 'account1', accountName: 'console', verdict: 'deliver', status: 200, ms: 50, reason: null }], ...some,
})
