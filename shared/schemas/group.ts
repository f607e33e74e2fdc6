import { z } from 'zod'
import { idField, nameField, pageFields, queryFlag } from './common'

const remark = z.string().trim().max(500).nullable()

export const groupCreateSchema = z.strictObject({
  name: nameField,
  remark: remark.optional(),
  enabled: z.boolean().default(true),
})
export type GroupCreateInput = z.output<typeof groupCreateSchema>

export const groupPatchSchema = z.strictObject({
  name: nameField.optional(),
  remark: remark.optional(),
  enabled: z.boolean().optional(),
})
export type GroupPatchInput = z.output<typeof groupPatchSchema>

/** `q` is found in the name; `ownerId` is for admins. */
export const groupListSchema = z.strictObject({
  ...pageFields,
  q: z.string().trim().max(100).optional(),
  ownerId: idField.optional(),
  enabled: queryFlag.optional(),
})
export type GroupListQuery = z.output<typeof groupListSchema>
