import type { ClosedRequest } from '#shared/types/log'
import type { Logger } from '../lib/logger'
import type { Ending } from './ending'
import type { Exchange } from './exchange'

/** One log line per relay request. `row` is null for requests without a known key and for calls that are not accounted. */
export function logExchange(logger: Logger, exchange: Exchange, call: string, ending: Ending, row: ClosedRequest | null): void {
  const { requestId, ip } = exchange
  const { status, outcome } = ending
  const errorCode = ending.error?.type
  if (!row) return void logger.info({ requestId, call, ip, status, outcome, errorCode }, 'relay')
  logger.info({
    requestId, call, ip, status, outcome, errorCode,
    upstreamRequestId: row.upstreamRequestId,
    keyId: row.apiKeyId,
    accountId: row.accountId,
    model: row.model,
    stream: row.stream,
    ttfbMs: row.ttfbMs,
    durationMs: row.durationMs,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cacheReadTokens: row.cacheReadTokens,
    cacheWriteTokens: row.cacheWrite5mTokens + row.cacheWrite1hTokens,
    costNano: row.costNano,
  }, 'relay')
}
