import { z } from 'zod'
import { exportFields, idField, modelsField, nameField, pageFields, queryFlag, sortField, timeField, usdField } from './common'

/** A key of the owner's own making. */
const ownKey = z.string().min(24).max(200).regex(/^[\w-]+$/, 'errors.keyFormat')
const expiresInDays = z.int().min(1).max(36_500)
const ipAllow = z.array(z.string().trim().min(1).max(64).regex(/^[\da-f:.]+(?:\/\d{1,3})?$/i, 'errors.cidr')).max(200)
const clients = z.array(z.string().trim().min(1).max(64).regex(/^[a-z0-9][\w.-]*$/i)).max(50)

/** Absent or null = no such limit. */
export const keyLimitsSchema = z.strictObject({
  dailyUsd: usdField.nullish(),
  weeklyUsd: usdField.nullish(),
  monthlyUsd: usdField.nullish(),
  totalUsd: usdField.nullish(),
  requestsPerMinute: z.int().min(1).max(1_000_000).nullish(),
  concurrency: z.int().min(1).max(1_000_000).nullish(),
})
export type KeyLimitsInput = z.output<typeof keyLimitsSchema>

export const keyCreateSchema = z.strictObject({
  name: nameField,
  key: ownKey.optional(),
  groupId: idField.nullish(),
  enabled: z.boolean().default(true),
  expiresAt: timeField.nullish(),
  expiresInDays: expiresInDays.nullish(),
  models: modelsField.default([]),
  ipAllow: ipAllow.default([]),
  clients: clients.default([]),
  revealable: z.boolean().default(false),
  limits: keyLimitsSchema.default({}),
})
export type KeyCreateInput = z.output<typeof keyCreateSchema>

/** `revealable` can be turned off here; to turn it on, rotate with `{ revealable: true }`. */
export const keyPatchSchema = z.strictObject({
  name: nameField.optional(),
  groupId: idField.nullish(),
  enabled: z.boolean().optional(),
  expiresAt: timeField.nullish(),
  expiresInDays: expiresInDays.nullish(),
  models: modelsField.nullish(),
  ipAllow: ipAllow.nullish(),
  clients: clients.nullish(),
  revealable: z.boolean().optional(),
  limits: keyLimitsSchema.nullish(),
})
export type KeyPatchInput = z.output<typeof keyPatchSchema>

export const keyRotateSchema = z.strictObject({ key: ownKey.optional(), revealable: z.boolean().optional() })
export type KeyRotateInput = z.output<typeof keyRotateSchema>

const batchIds = z.array(idField).min(1).max(200)

/** One change to many keys; all of them must be the caller's. */
export const keyBatchSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['enable', 'disable', 'delete']), ids: batchIds }),
  z.strictObject({ action: z.literal('move'), ids: batchIds, groupId: idField.nullable() }),
  z.strictObject({ action: z.literal('limits'), ids: batchIds, limits: keyLimitsSchema }),
])
export type KeyBatchInput = z.output<typeof keyBatchSchema>

export const keySorts = ['createdAt', 'name', 'owner', 'group', 'enabled', 'today', 'week', 'total', 'expiresAt', 'lastUsedAt'] as const
/** What a key is by its settings and the time; those that were spent up are active. */
export const keyStatuses = ['active', 'disabled', 'expired'] as const

/** `groupId=shared` lists keys of the shared pool; `ownerId` is for admins. */
export const keyListSchema = z.strictObject({
  ...pageFields,
  sort: sortField(keySorts),
  q: z.string().trim().max(100).optional(),
  ownerId: idField.optional(),
  groupId: idField.optional(),
  enabled: queryFlag.optional(),
  status: z.enum(keyStatuses).optional(),
})
export type KeyListQuery = z.output<typeof keyListSchema>

/** The filters of the list; all its pages are exported. */
export const keyExportSchema = keyListSchema.omit({ cursor: true, limit: true }).extend(exportFields)
export type KeyExportQuery = z.output<typeof keyExportSchema>
