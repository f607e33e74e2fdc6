import { z } from 'zod'

/** How accounts are chosen. */
export const schedulingSchema = z.strictObject({
  /** Inside one priority, the account whose usage window resets soonest takes new sessions first. */
  soonestResetFirst: z.boolean().default(false),
})
export type SchedulingSettings = z.output<typeof schedulingSchema>

export const schedulingPatchSchema = z.strictObject({ soonestResetFirst: z.boolean().optional() })
export type SchedulingPatchInput = z.output<typeof schedulingPatchSchema>
