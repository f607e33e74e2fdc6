import { z } from 'zod'
import { idField, nameField, pageFields, queryFlag, sortField } from './common'

/** Of the list price, in 1/10,000: 15000 is one and a half times. */
const MAX_MULTIPLIER_BP = 1_000_000
const multiplierBp = z.int().min(0).max(MAX_MULTIPLIER_BP)
/** By the model asked for, or the one that answered. */
const priceBy = z.enum(['asked', 'served'])
const remark = z.string().trim().max(500).nullable()

export const groupCreateSchema = z.strictObject({
  name: nameField,
  remark: remark.optional(),
  enabled: z.boolean().default(true),
  multiplierBp: multiplierBp.default(10_000),
  priceBy: priceBy.default('asked'),
})
export type GroupCreateInput = z.output<typeof groupCreateSchema>

export const groupPatchSchema = z.strictObject({
  name: nameField.optional(),
  remark: remark.optional(),
  enabled: z.boolean().optional(),
  multiplierBp: multiplierBp.optional(),
  priceBy: priceBy.optional(),
})
export type GroupPatchInput = z.output<typeof groupPatchSchema>

export const groupSorts = ['createdAt', 'name', 'owner', 'enabled', 'multiplier', 'accounts', 'keys'] as const

/** `q` is found in the name; `ownerId` is for admins. */
export const groupListSchema = z.strictObject({
  ...pageFields,
  sort: sortField(groupSorts),
  q: z.string().trim().max(100).optional(),
  ownerId: idField.optional(),
  enabled: queryFlag.optional(),
})
export type GroupListQuery = z.output<typeof groupListSchema>

/** What becomes of members when their group goes: `disable`, `shared` (the shared pool), or the id of another group. */
const fate = idField.optional()

/** Needed for what the group still holds. */
export const groupDeleteSchema = z.strictObject({ accounts: fate, keys: fate })
export type GroupDeleteQuery = z.output<typeof groupDeleteSchema>
