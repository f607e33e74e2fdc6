import { z } from 'zod'
import { notificationEvents } from '#shared/schemas/notification'
import { priceKinds } from '#shared/schemas/price'
import type { ApiLogView, AuditValuesView, AuditView } from '#shared/types/audit'
import type { ChannelKindView, ChannelTestView, ChannelView } from '#shared/types/notification'
import { previewStatuses, type PreviewRow, type PriceBookView, type PricePreview, type PriceVersionView, type PriceView, type WaitingModelView } from '#shared/types/price'
import type { InstanceView, SystemView, TaskView } from '#shared/types/system'
import { count, formField, nullableText, time } from './common'

const deliveryReason = z.enum(['delivered', 'refused', 'redirected', 'timeout', 'unreachable', 'private_address', 'tls', 'unreadable', 'unavailable'])

export const channel: z.ZodType<ChannelView> = z.strictObject({
  id: z.string(), ownerId: z.string(), ownerName: nullableText, kind: z.string(), name: z.string(), shown: z.record(z.string(), z.string()), events: z.array(z.enum(notificationEvents)), enabled: z.boolean(),
  lastSuccessAt: time.nullable(), lastError: z.strictObject({ at: time, reason: deliveryReason, message: z.string() }).nullable(), createdAt: time, updatedAt: time,
})
export const channelTest: z.ZodType<ChannelTestView> = z.strictObject({ ok: z.boolean(), reason: deliveryReason, status: z.int().nullable(), message: z.string(), ms: z.number() })
export const channelKind: z.ZodType<ChannelKindView> = z.strictObject({ id: z.string(), label: z.string(), available: z.boolean(), form: z.array(formField) })

const perMillion = z.string().meta({ description: 'USD per million tokens' })
const five = { input: perMillion, output: perMillion, cacheRead: perMillion, cacheWrite5m: perMillion, cacheWrite1h: perMillion }
const prices = { ...five, fast: z.strictObject(five).nullable(), longPrompt: z.strictObject({ ...five, above: count }).nullable(), webSearch: z.string() }
const priceKind = z.enum(priceKinds)

export const price: z.ZodType<PriceView> = z.strictObject({ ...prices, id: nullableText, model: z.string(), kind: priceKind, version: z.string(), hidesBuiltIn: z.boolean() })
export const priceBook: z.ZodType<PriceBookView> = z.strictObject({ items: z.array(price), nextCursor: nullableText, version: z.string(), builtInVersion: z.string() })
export const priceVersion: z.ZodType<PriceVersionView> = z.strictObject({
  ...prices, id: z.string(), model: z.string(), kind: priceKind, source: nullableText, version: z.string(), createdAt: time, createdByName: nullableText, endedAt: time.nullable(), endedByName: nullableText,
})
export const waitingModel: z.ZodType<WaitingModelView> = z.strictObject({ model: z.string(), rows: count, tokens: count, firstAt: time, lastAt: time })
const previewRow: z.ZodType<PreviewRow> = z.strictObject({
  name: z.string(), model: z.string(), provider: nullableText, status: z.enum(previewStatuses), reason: z.enum(['notChat', 'noPrice', 'zeroPrice', 'inexact', 'tooBig', 'tiers', 'steps', 'badName', 'badEntry', 'ambiguous']).nullable(),
  detail: nullableText, prices: z.strictObject(prices).nullable(), current: z.strictObject({ ...prices, kind: priceKind }).nullable(),
})
export const pricePreview: z.ZodType<PricePreview> = z.strictObject({ source: z.string(), rows: z.array(previewRow) })
export const importedCount = z.strictObject({ imported: count })

export const audit: z.ZodType<AuditView> = z.strictObject({
  id: z.string(), createdAt: time, userId: nullableText, userName: nullableText, action: z.string(), targetType: z.string(), targetId: nullableText, targetName: nullableText,
  before: z.record(z.string(), z.unknown()).nullable(), after: z.record(z.string(), z.unknown()).nullable(), ip: nullableText,
})
export const auditValues: z.ZodType<AuditValuesView> = z.strictObject({ actions: z.array(z.string()), people: z.array(z.strictObject({ id: z.string(), name: z.string() })) })
export const apiLog: z.ZodType<ApiLogView> = z.strictObject({
  id: z.string(), createdAt: time, userId: nullableText, userName: nullableText, method: z.string(), path: z.string(), status: z.int(), durationMs: z.int(), ip: nullableText, userAgent: nullableText, errorCode: nullableText,
})

const task: z.ZodType<TaskView> = z.strictObject({
  name: z.string(), nextRunAt: time.nullable(),
  lastRun: z.strictObject({ startedAt: time, endedAt: time.nullable(), durationMs: z.int().nullable(), outcome: z.enum(['ok', 'failed', 'skipped', 'running', 'lost']), result: nullableText, instanceId: z.string() }).nullable(),
})
const instance: z.ZodType<InstanceView> = z.strictObject({ id: z.string(), host: z.string(), pid: z.int(), version: z.string(), startedAt: time, heartbeatAt: time, stoppedAt: time.nullable(), self: z.boolean() })
export const system: z.ZodType<SystemView> = z.strictObject({
  at: time, version: z.string(), instanceId: z.string(), database: z.enum(['sqlite', 'mysql']), sharedState: z.enum(['memory', 'redis']), journalPendingBytes: count, tasks: z.array(task), instances: z.array(instance),
})
