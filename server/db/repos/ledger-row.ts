import type { Schema } from '../../../drizzle/schema/index'
import type { ClosedRequest } from '../../../shared/types/log'

export type NewLogRow = Schema['logs']['$inferInsert'] & Pick<Schema['logs']['$inferSelect'], 'requestId' | 'outcome'>

const MAX_INT = 2_147_483_647

/**
 * The row as both dialects store it. What does not fit its column is cut: a row that the database refuses
 * would hold up all that come after it.
 */
export function toLogRow(row: ClosedRequest) {
  return {
    ...row,
    upstreamRequestId: clip(row.upstreamRequestId, 128),
    userName: clip(row.userName, 64),
    keyName: clip(row.keyName, 100),
    groupName: clip(row.groupName, 100),
    accountName: clip(row.accountName, 100),
    model: clip(row.model, 200),
    servedModel: clip(row.servedModel, 200),
    errorType: clip(row.errorType, 64),
    errorMessage: clip(row.errorMessage, 300),
    serviceTier: clip(row.serviceTier, 32),
    speed: clip(row.speed, 32),
    inferenceGeo: clip(row.inferenceGeo, 32),
    stopReason: clip(row.stopReason, 64),
    clientVersion: clip(row.clientVersion, 128),
    sessionId: clip(row.sessionId, 128),
    agentId: clip(row.agentId, 128),
    ip: clip(row.ip?.replace(/[^\x20-\x7E]/g, '') ?? null, 64),
    webSearches: int(row.webSearches),
    durationMs: int(row.durationMs),
    ttfbMs: row.ttfbMs === null ? null : int(row.ttfbMs),
    costParts: row.costParts && JSON.stringify(row.costParts),
    attempts: JSON.stringify(row.attempts),
  } satisfies NewLogRow
}

/** Without zeros and lone surrogates, which not every database takes. */
const clip = (text: string | null, length: number): string | null =>
  text === null ? null : Buffer.from(text.replaceAll('\u0000', '').slice(0, length)).toString()

const int = (value: number): number => Math.min(MAX_INT, Math.max(0, Math.round(value)))
