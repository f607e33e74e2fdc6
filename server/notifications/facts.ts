import { z } from 'zod'

const named = z.object({ id: z.string(), name: z.string() })
const at = z.number()

/** What a message tells, as the outbox keeps it; its words are made at sending. Amounts are nano-USD, times epoch-ms. */
export const facts = z.discriminatedUnion('event', [
  z.object({
    event: z.enum(['limit_near', 'limit_reached']), at,
    key: named, limit: z.enum(['daily', 'weekly', 'monthly', 'total']), usedNano: z.number(), capNano: z.number(),
    /** Null: never. */
    resetsAt: z.number().nullable(),
  }),
  z.object({ event: z.enum(['account_abnormal', 'account_normal']), at, account: named, reason: z.string().nullable(), evidence: z.string().nullable() }),
  z.object({
    event: z.enum(['pool_unusable', 'pool_usable']), at,
    /** Null: the shared pool. */
    group: named.nullable(),
    accounts: z.number(),
    /** When the first account is expected back, if that is known. */
    backAt: z.number().nullable(),
  }),
  z.object({ event: z.enum(['journal_growing', 'journal_booked']), at, bytes: z.number(), host: z.string() }),
  z.object({ event: z.literal('task_failed'), at, task: z.string(), result: z.string() }),
  z.object({ event: z.literal('test'), at }),
])

export type Facts = z.output<typeof facts>
export type MessageEvent = Facts['event']
