import { z } from 'zod'
import { outcomes } from '#shared/types/log'
import { usdToNano } from '#shared/utils/money'
import { exportFields, idField, pageFields, queryFlag, usdField } from './common'

/** Longest span of a list that is filtered by more than time. */
export const MAX_FILTERED_DAYS = 31

const printable = z.string().trim().min(1).max(128).regex(/^[\x20-\x7e]+$/)
const time = z.coerce.number().int().min(0)

const filters = {
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
  /** List price in USD, both included. */
  minCostUsd: usdField.optional(),
  maxCostUsd: usdField.optional(),
}

const inOrder = (query: { from?: number, to?: number }): boolean => query.from === undefined || query.to === undefined || query.from <= query.to
const reversed = { path: ['to'], message: 'errors.rangeReversed' }

const nanoOf = (usd: string | number | undefined): number => (usd === undefined ? Number.NaN : usdToNano(usd) ?? Number.NaN)
const costInOrder = (query: { minCostUsd?: string | number, maxCostUsd?: string | number }): boolean => !(nanoOf(query.minCostUsd) > nanoOf(query.maxCostUsd))
const costReversed = { path: ['maxCostUsd'], message: 'errors.amountsReversed' }

/** Times are epoch-ms, `from` inclusive, `to` exclusive. `requestId` finds ours and the upstream's. */
export const logListSchema = z.strictObject({ ...pageFields, ...filters }).refine(inOrder, reversed).refine(costInOrder, costReversed)
export type LogListQuery = z.output<typeof logListSchema>

export const logExportSchema = z.strictObject({ ...exportFields, ...filters }).refine(inOrder, reversed).refine(costInOrder, costReversed)
export type LogExportQuery = z.output<typeof logExportSchema>
