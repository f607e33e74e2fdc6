import { z } from 'zod'
import { exportFields, idField, queryFlag } from './common'
import type { ErrorKey } from './errors'

/** Longest span of a trend by hour, and of sessions and agents. */
export const MAX_HOURLY_DAYS = 31
/** Longest span of anything that is filtered by more than one id, or by the model. */
export const MAX_DETAILED_DAYS = 366
export const MAX_DAYS = 3660
export const MAX_BREAKDOWN_ROWS = 100
export const MAX_EXPORT_ROWS = 10_000

export const trendSteps = ['hour', 'day', 'month'] as const
export const breakdownKinds = ['model', 'key', 'account', 'user', 'session', 'agent'] as const
export const breakdownSorts = ['cost', 'billed', 'requests', 'tokens', 'errors'] as const
export type TrendStep = (typeof trendSteps)[number]
export type BreakdownKind = (typeof breakdownKinds)[number]

/** Epoch-ms, or a local date of the configured zone: as `from` its beginning, as `to` its end. */
const moment = z.union([
  z.string().regex(/^\d{1,15}$/).transform(Number),
  z.iso.date(),
], 'errors.moment' satisfies ErrorKey)

const printable = z.string().trim().min(1).max(128).regex(/^[\x20-\x7e]+$/)

const filters = {
  /** Absent: so many days back, today included. */
  from: moment.optional(),
  /** Without `from`: how many local days, the last one included; seven when absent. */
  days: z.coerce.number().int().min(1).max(MAX_DAYS).optional(),
  /** Absent: now. */
  to: moment.optional(),
  keyId: idField.optional(),
  accountId: idField.optional(),
  /** For admins; others see their own requests only. */
  userId: idField.optional(),
  model: z.string().trim().min(1).max(200).optional(),
}

export const statsSummarySchema = z.strictObject(filters)
export type StatsSummaryQuery = z.output<typeof statsSummarySchema>

export const statsTrendSchema = z.strictObject({ ...filters, by: z.enum(trendSteps).default('day'), compare: queryFlag.default(false) })
export type StatsTrendQuery = z.output<typeof statsTrendSchema>

export const statsBreakdownSchema = z.strictObject({
  ...filters,
  by: z.enum(breakdownKinds).default('model'),
  sort: z.enum(breakdownSorts).default('cost'),
  limit: z.coerce.number().int().min(1).max(MAX_BREAKDOWN_ROWS).default(20),
  /** With `by=session` or `by=agent` only. */
  sessionId: printable.optional(),
}).refine(({ by, sessionId }) => sessionId === undefined || isSessionKind(by), { path: ['sessionId'], message: 'errors.sessionsOnly' satisfies ErrorKey })
  .refine(({ by, accountId }) => accountId === undefined || !isSessionKind(by), { path: ['accountId'], message: 'errors.notOfSessions' satisfies ErrorKey })
  .refine(({ by, model }) => model === undefined || !isSessionKind(by), { path: ['model'], message: 'errors.notOfSessions' satisfies ErrorKey })
export type StatsBreakdownQuery = z.output<typeof statsBreakdownSchema>

/** A trend or a breakdown as a file: every row of it, the largest `MAX_EXPORT_ROWS` of a breakdown. */
export const statsExportSchema = z.strictObject({ ...filters, ...exportFields, by: z.enum([...trendSteps, ...breakdownKinds]).default('day') })
export type StatsExportQuery = z.output<typeof statsExportSchema>

export const isTrendStep = (by: TrendStep | BreakdownKind): by is TrendStep => (trendSteps as readonly string[]).includes(by)

export const isSessionKind = (by: BreakdownKind): by is 'session' | 'agent' => by === 'session' || by === 'agent'
