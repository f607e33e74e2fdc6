import { sql, type Column, type SQL } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import { notErrors, sumKeys, type SumKey } from '../../billing/rollups'

/** What of a log row counts in the roll-ups. */
export const countedColumns = (logs: Schema['logs']) => ({
  requestId: logs.requestId,
  createdAt: logs.createdAt, startedAt: logs.startedAt, userId: logs.userId, apiKeyId: logs.apiKeyId, accountId: logs.accountId, groupId: logs.groupId,
  model: logs.model, sessionId: logs.sessionId, agentId: logs.agentId, outcome: logs.outcome,
  inputTokens: logs.inputTokens, outputTokens: logs.outputTokens, cacheReadTokens: logs.cacheReadTokens,
  cacheWrite5mTokens: logs.cacheWrite5mTokens, cacheWrite1hTokens: logs.cacheWrite1hTokens,
  costNano: logs.costNano, billedNano: logs.billedNano, costParts: logs.costParts, ttfbMs: logs.ttfbMs, durationMs: logs.durationMs,
})

/** The amounts of a roll-up table. */
export const sumColumns = (table: Record<SumKey, Column>): Record<SumKey, Schema['usageHourly']['requests']> =>
  Object.fromEntries(sumKeys.map(name => [name, table[name]])) as Record<SumKey, Schema['usageHourly']['requests']>

/** 1 for a log row that counts as an error, else 0. */
export const isErrorSql = (logs: Schema['logs']): SQL<number> =>
  sql`case when ${logs.outcome} in (${sql.join([...notErrors].map(outcome => sql`${outcome}`), sql`, `)}) then 0 else 1 end`
