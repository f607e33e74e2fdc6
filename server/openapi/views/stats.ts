import { z } from 'zod'
import { breakdownKinds, trendSteps } from '#shared/schemas/stats'
import type { LiveState } from '#shared/types/live'
import type { StatsBreakdownRow, StatsBreakdownView, StatsOverviewView, StatsRankingRow, StatsSummaryView, StatsTrendPoint, StatsTrendView, UsageAmounts } from '#shared/types/stats'
import { bigNano, count, nullableText, time, usd } from './common'
import { accountLiveItem, usageWindow } from './pool'

const part = z.strictObject({ nano: bigNano, usd })
const amounts = {
  requests: count, errors: count, inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWrite5mTokens: count, cacheWrite1hTokens: count, totalTokens: count, costNano: bigNano, costUsd: usd, billedNano: bigNano, billedUsd: usd,
  costParts: z.strictObject({ input: part, output: part, cacheRead: part, cacheWrite: part, webSearch: part }), averageTtfbMs: z.number().nullable(), averageDurationMs: z.number().nullable(),
}
export const usageAmounts: z.ZodType<UsageAmounts> = z.strictObject(amounts)

const range = { from: time, to: time, timeZone: z.string() }

export const statsSummary: z.ZodType<StatsSummaryView> = z.strictObject({ ...range, current: usageAmounts, previous: z.strictObject({ ...amounts, from: time, to: time }) })

export const statsTrendPoint: z.ZodType<StatsTrendPoint> = z.strictObject({ ...amounts, at: time, label: z.string() })
export const statsTrend: z.ZodType<StatsTrendView> = z.strictObject({ ...range, by: z.enum(trendSteps), items: z.array(statsTrendPoint), previous: z.array(statsTrendPoint).optional() })

const row = {
  ...amounts, id: z.string(), name: nullableText, deleted: z.boolean(),
  session: z.strictObject({ keyId: z.string(), keyName: nullableText, sessionId: z.string(), agentId: z.string(), firstAt: time, lastAt: time }).optional(),
}
export const statsRow: z.ZodType<StatsBreakdownRow> = z.strictObject(row)
export const statsRankingRow: z.ZodType<StatsRankingRow> = z.strictObject({ ...row, previous: usageAmounts })

export const statsOthers: z.ZodType<UsageAmounts & { count: number }> = z.strictObject({ ...amounts, count })
const largest = { items: z.array(statsRow), others: statsOthers.nullable(), total: usageAmounts }
export const statsBreakdown: z.ZodType<StatsBreakdownView> = z.strictObject({ ...range, by: z.enum(breakdownKinds), ...largest })

const tally = z.strictObject({ total: count, enabled: count })
export const statsOverview: z.ZodType<StatsOverviewView> = z.strictObject({
  at: time, timeZone: z.string(), counts: z.strictObject({ users: count.nullable(), keys: tally, accounts: tally }), total: usageAmounts, today: usageAmounts, yesterday: z.strictObject({ ...amounts, from: time, to: time }), trend: z.array(statsTrendPoint),
  models: z.strictObject(largest), accounts: z.array(statsRankingRow), keys: z.array(statsRankingRow),
  states: z.strictObject({ normal: count, limited: count, cooling: count, abnormal: count, disabled: count }),
  windows: z.array(z.strictObject({ accountId: z.string(), accountName: z.string(), window: usageWindow })), running: count,
  steps: z.strictObject({ account: z.boolean(), test: z.boolean(), key: z.boolean(), settings: z.boolean(), request: z.boolean() }),
})

export const liveState: z.ZodType<LiveState> = z.strictObject({ at: time, running: count, accounts: z.array(accountLiveItem), full: z.boolean(), gone: z.array(z.string()) })
