import { z } from 'zod'
import { relayUsageSchema } from '#shared/schemas/relay-usage'
import { shareScopes } from '#shared/schemas/share'
import type { KeyCallView, KeyLookView, KeyQueryView, ShareView, ShareWithToken } from '#shared/types/key-query'
import { outcomes } from '#shared/types/log'
import { count, nano, nullableText, time, usage, usd } from './common'
import { keyLimits } from './keys'
import { statsOthers, statsRow, statsTrendPoint, usageAmounts } from './stats'

const scope = z.enum(shareScopes)

const shareFields = { id: z.string(), keyId: z.string(), name: z.string(), scope, createdAt: time, expiresAt: time.nullable(), lastUsedAt: time.nullable() }
export const share: z.ZodType<ShareView> = z.strictObject(shareFields)
export const shareWithToken: z.ZodType<ShareWithToken> = z.strictObject({ ...shareFields, token: z.string().meta({ description: 'Told only here' }) })

export const keyCall: z.ZodType<KeyCallView> = z.strictObject({
  requestId: z.string(), createdAt: time, model: nullableText, stream: z.boolean(), status: z.int(), outcome: z.enum(outcomes),
  inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWriteTokens: count, billedNano: nano, billedUsd: usd, ttfbMs: count.nullable(), durationMs: count,
})

export const keyQuery: z.ZodType<KeyQueryView> = z.strictObject({
  at: time, timeZone: z.string(), scope,
  share: z.strictObject({ name: z.string(), expiresAt: time.nullable() }).nullable(),
  key: z.strictObject({
    name: z.string(), hint: nullableText, status: z.enum(['active', 'disabled', 'expired', 'broken']), expiresAt: time.nullable(), expiresInDays: count.nullable(), lastUsedAt: time.nullable(), models: z.array(z.string()),
  }),
  limits: keyLimits, usage,
  stats: z.strictObject({
    today: usageAmounts, week: usageAmounts, days30: usageAmounts, trend: z.array(statsTrendPoint),
    models: z.strictObject({ items: z.array(statsRow), others: statsOthers.nullable() }),
  }).nullable(),
  calls: z.strictObject({ items: z.array(keyCall), nextCursor: nullableText }).nullable(),
})

export const keyLook: z.ZodType<KeyLookView> = z.strictObject({ view: keyQuery.nullable() })

export const relayUsage = relayUsageSchema
export const relayError = z.strictObject({
  type: z.literal('error'), error: z.strictObject({ type: z.string(), message: z.string(), details: z.looseObject({ error_code: z.string() }) }), request_id: z.string(),
})
