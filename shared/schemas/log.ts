import { z } from 'zod'
import { outcomes } from '#shared/types/log'
import { idField, pageFields, queryFlag } from './common'

/** Longest span of a list that is filtered by more than time. */
export const MAX_FILTERED_DAYS = 31

const printable = z.string().trim().min(1).max(128).regex(/^[\x20-\x7e]+$/)
const time = z.coerce.number().int().min(0)

/** Times are epoch-ms, `from` inclusive, `to` exclusive. `requestId` finds ours and the upstream's. */
export const logListSchema = z.strictObject({
  ...pageFields,
  from: time.optional(),
  to: time.optional(),
  keyId: idField.optional(),
  accountId: idField.optional(),
  userId: idField.optional(),
  model: z.string().trim().min(1).max(200).optional(),
  status: z.coerce.number().int().min(100).max(599).optional(),
  outcome: z.enum(outcomes).optional(),
  sessionId: printable.optional(),
  requestId: printable.optional(),
  stream: queryFlag.optional(),
}).refine(query => query.from === undefined || query.to === undefined || query.from <= query.to, { path: ['to'], message: 'errors.rangeReversed' })
export type LogListQuery = z.output<typeof logListSchema>
