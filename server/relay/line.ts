import type { ClosedRequest } from '#shared/types/log'
import type { Logger } from '../lib/logger'
import type { Ending } from './ending'
import type { Exchange } from './exchange'

/** One log line per relay request. `row` is null for requests without a known key and for calls that are not accounted. */
export function logExchange(logger: Logger, exchange: Exchange, call: string, ending: Ending, row: ClosedRequest | null): void {
  const common = { requestId: exchange.requestId, call, ip: exchange.ip, status: ending.status, outcome: ending.outcome, errorCode: ending.error?.type }
  if (!row) return void logger.info(common, 'relay')
  logger.info({
    ...common,
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
