import { z } from 'zod'
import type { ApiError, MeView, SpentView, UsageView, UserView } from '#shared/types/api'
import type { FormField } from '#shared/types/form'

// Each schema is checked against the type that the code answers with: a field that is missing here, or of another type, does not compile.
// They are strict, so that a test on real answers finds what is too much.

/** Epoch milliseconds. */
export const time = z.int().min(0).meta({ description: 'Epoch milliseconds' })
export const count = z.int().min(0)
export const nullableText = z.string().nullable()
/** An integer of 1e-9 USD. */
export const nano = z.int().meta({ description: '1e-9 USD' })
export const usd = z.string().regex(/^-?\d+(\.\d+)?$/).meta({ description: 'USD, as a decimal string' })
/** Past 2^53 a string. */
export const bigNano = z.union([nano, z.string().regex(/^-?\d+$/)])

export const error: z.ZodType<ApiError> = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    details: z.union([
      z.array(z.strictObject({ path: z.string(), message: z.string(), key: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])).optional() })),
      z.record(z.string(), z.unknown()),
    ]).optional() as unknown as z.ZodType<ApiError['error']['details']>,
    requestId: z.string(),
  }),
})

export const userFields = {
  id: z.string(), username: z.string(), email: nullableText, role: z.enum(['admin', 'user']), enabled: z.boolean(), mustChangePassword: z.boolean(), sharedPool: z.boolean(),
  locale: nullableText, lastLoginAt: time.nullable(), createdAt: time,
} as const
export const user: z.ZodType<UserView> = z.strictObject(userFields)
export const me: z.ZodType<MeView> = z.strictObject({ user })

export const formField: z.ZodType<FormField> = z.strictObject({
  name: z.string(), kind: z.enum(['text', 'url', 'secret', 'number', 'money', 'lines', 'switch', 'select']), label: z.string(), help: z.string().optional(), required: z.boolean().optional(),
  placeholder: z.string().optional(), unit: z.string().optional(), options: z.array(z.strictObject({ value: z.string(), label: z.string() })).optional(),
})

export const spent: z.ZodType<SpentView> = z.strictObject({ usedUsd: usd, usedNano: nano, resetsAt: time.nullable() })
export const usage: z.ZodType<UsageView> = z.strictObject({ day: spent, week: spent, month: spent, total: spent, requestsToday: count, requestsWeek: count })
