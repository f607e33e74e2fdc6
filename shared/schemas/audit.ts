import { z } from 'zod'
import { idField, pageFields } from './common'

/** What an audit row can be about. */
export const auditTargets = ['user', 'session', 'invite', 'group', 'account', 'key', 'share_link', 'price', 'setting', 'channel'] as const
export type AuditTarget = (typeof auditTargets)[number]

const time = z.coerce.number().int().min(0)
const inOrder = (query: { from?: number, to?: number }): boolean => query.from === undefined || query.to === undefined || query.from <= query.to
const reversed = { path: ['to'], message: 'errors.rangeReversed' }

/** Times are epoch-ms, `from` inclusive, `to` exclusive. `action`: `key.create`, or `key` for all of its kind. */
export const auditListSchema = z.strictObject({
  ...pageFields,
  from: time.optional(),
  to: time.optional(),
  userId: idField.optional(),
  action: z.string().max(64).regex(/^[a-z_]+(?:\.[a-z_-]+)?$/).optional(),
  targetType: z.enum(auditTargets).optional(),
  targetId: idField.optional(),
  q: z.string().trim().max(100).optional(),
}).refine(inOrder, reversed)
export type AuditListQuery = z.output<typeof auditListSchema>

/** `status`: exact, or the first digit of a class (`4` is 400 to 499). `q` is found in the path. */
export const apiLogListSchema = z.strictObject({
  ...pageFields,
  from: time.optional(),
  to: time.optional(),
  userId: idField.optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']).optional(),
  status: z.coerce.number().int().refine(status => (status >= 1 && status <= 5) || (status >= 100 && status <= 599), 'errors.invalid').optional(),
  ip: z.string().trim().max(64).regex(/^[\da-f:.]+$/i, 'errors.format').optional(),
  q: z.string().trim().max(200).optional(),
}).refine(inOrder, reversed)
export type ApiLogListQuery = z.output<typeof apiLogListSchema>
