import { z } from 'zod'
import type { KeyLimitsView, KeyView, KeyWithSecret, LimitView, LogView } from '#shared/types/api'
import { outcomes, type Attempt } from '#shared/types/log'
import { count, formField, nano, nullableText, time, usage, usd } from './common'

export const keyLimits: z.ZodType<KeyLimitsView> = z.strictObject({
  dailyUsd: usd.nullable(), dailyNano: nano.nullable(), weeklyUsd: usd.nullable(), weeklyNano: nano.nullable(), monthlyUsd: usd.nullable(), monthlyNano: nano.nullable(), totalUsd: usd.nullable(), totalNano: nano.nullable(),
  requestsPerMinute: count.nullable(), concurrency: count.nullable(),
})

const fields = {
  id: z.string(), ownerId: z.string(), ownerName: nullableText, groupId: nullableText, groupName: nullableText, name: z.string(), prefix: z.string(), lastFour: z.string(), revealable: z.boolean(), enabled: z.boolean(),
  expiresAt: time.nullable(), expiresInDays: count.nullable(), firstUsedAt: time.nullable(), lastUsedAt: time.nullable(), models: z.array(z.string()), ipAllow: z.array(z.string()), clients: z.array(z.string()),
  limits: keyLimits, usage, broken: z.boolean(), createdAt: time, updatedAt: time,
}
export const key: z.ZodType<KeyView> = z.strictObject(fields)
export const keyWithSecret: z.ZodType<KeyWithSecret> = z.strictObject({ ...fields, key: z.string().meta({ description: 'The key itself, told only here' }) })
export const revealedKey = z.strictObject({ key: z.string() })
export const changedCount = z.strictObject({ changed: count })
export const limit: z.ZodType<LimitView> = z.strictObject({ id: z.string(), label: z.string(), form: z.array(formField) })

export const attempt: z.ZodType<Attempt> = z.strictObject({ accountId: z.string(), accountName: z.string(), verdict: z.string(), status: z.int().nullable(), ms: count.nullable(), reason: nullableText })

const pico = z.int().meta({ description: '1e-12 USD' })

export const log: z.ZodType<LogView> = z.strictObject({
  requestId: z.string(), upstreamRequestId: nullableText, createdAt: time, startedAt: time, userId: nullableText, userName: nullableText, keyId: nullableText, keyName: nullableText, groupId: nullableText, groupName: nullableText,
  accountId: nullableText, accountName: nullableText, platform: nullableText, model: nullableText, servedModel: nullableText, stream: z.boolean(), status: z.int(), outcome: z.enum(outcomes), errorType: nullableText, errorMessage: nullableText,
  usageComplete: z.boolean(), stopReason: nullableText, inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWrite5mTokens: count, cacheWrite1hTokens: count, thinkingTokens: count, webSearches: count,
  serviceTier: nullableText, speed: nullableText, inferenceGeo: nullableText, priced: z.boolean(), priceVersion: nullableText, priceVersionBefore: nullableText, repricedAt: time.nullable(),
  costParts: z.strictObject({ input: pico, output: pico, cacheRead: pico, cacheWrite5m: pico, cacheWrite1h: pico, webSearch: pico }).nullable(), costNano: nano, costUsd: usd, multiplierBp: count, priceBy: z.enum(['asked', 'served']),
  billedNano: nano, billedUsd: usd, ttfbMs: count.nullable(), durationMs: count, attempts: z.array(attempt), clientVersion: nullableText, sessionId: nullableText, agentId: nullableText, ip: nullableText,
})
