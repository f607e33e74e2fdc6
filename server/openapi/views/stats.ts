import { z } from 'zod'
import { breakdownKinds, trendSteps } from '#shared/schemas/stats'
import type { StatsBreakdownRow, StatsBreakdownView, StatsSummaryView, StatsTrendPoint, StatsTrendView, UsageAmounts } from '#shared/types/stats'
import { bigNano, count, nullableText, time, usd } from './common'

const part = z.strictObject({ nano: bigNano, usd })
const amounts = {
  requests: count, errors: count, inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWrite5mTokens: count, cacheWrite1hTokens: count, totalTokens: count, costNano: bigNano, costUsd: usd, billedNano: bigNano, billedUsd: usd,
  costParts: z.strictObject({ input: part, output: part, cacheRead: part, cacheWrite: part, webSearch: part }), averageTtfbMs: z.number().nullable(), averageDurationMs: z.number().nullable(),
}
export const usageAmounts: z.ZodType<UsageAmounts> = z.strictObject(amounts)

const range = { from: time, to: time, timeZone: z.string() }

export const statsSummary: z.ZodType<StatsSummaryView> = z.strictObject({ ...range, current: usageAmounts, previous: z.strictObject({ ...amounts, from: time, to: time }) })

export const statsTrendPoint: z.ZodType<StatsTrendPoint> = z.strictObject({ ...amounts, at: time, label: z.string() })
export const statsTrend: z.ZodType<StatsTrendView> = z.strictObject({ ...range, by: z.enum(trendSteps), items: z.array(statsTrendPoint) })

export const statsRow: z.ZodType<StatsBreakdownRow> = z.strictObject({
  ...amounts, id: z.string(), name: nullableText, deleted: z.boolean(),
  session: z.strictObject({ keyId: z.string(), keyName: nullableText, sessionId: z.string(), agentId: z.string(), firstAt: time, lastAt: time }).optional(),
})
export const statsBreakdown: z.ZodType<StatsBreakdownView> = z.strictObject({
  ...range, by: z.enum(breakdownKinds), items: z.array(statsRow), others: z.strictObject({ ...amounts, count }).nullable(), total: usageAmounts,
})
