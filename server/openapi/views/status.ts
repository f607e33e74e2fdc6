import { z } from 'zod'
import type { StatusView } from '#shared/types/status'
import { count, time } from './common'

const state = z.enum(['up', 'degraded', 'down'])
const rate = z.number().min(0).max(1).nullable()

export const status: z.ZodType<StatusView> = z.strictObject({
  at: time, state, models: z.array(z.strictObject({ model: z.string(), state })),
  firstByte: z.strictObject({ p50Ms: count, p95Ms: count }).nullable(), errorRate: rate, hours: z.array(z.strictObject({ at: time, errorRate: rate })),
})
