import { z } from 'zod'
import { nameField, pageFields, timeField } from './common'

/** What a link shows, each with what comes before it: limits, statistics, the last calls. */
export const shareScopes = ['limits', 'stats', 'calls'] as const
export type ShareScope = (typeof shareScopes)[number]

/** No `expiresAt`: until it is revoked. */
export const shareCreateSchema = z.strictObject({
  name: nameField,
  scope: z.enum(shareScopes),
  expiresAt: timeField.nullish(),
})
export type ShareCreateInput = z.output<typeof shareCreateSchema>

/** An API key, or what stands in a link. What cannot be either is not looked up. */
const token = z.string().trim().min(8).max(256).regex(/^[\x21-\x7e]+$/)
export const CALLS_PER_PAGE = 20

const cursor = pageFields.cursor
/** Of what the page's cookie stands for. */
export const keyLookSchema = z.strictObject({ cursor })
export type KeyLookQuery = z.output<typeof keyLookSchema>

export const keyStatsSchema = z.union([
  z.strictObject({ key: token, cursor }),
  z.strictObject({ shareToken: token, cursor }),
])
export type KeyStatsInput = z.output<typeof keyStatsSchema>
