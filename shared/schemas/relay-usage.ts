import { z } from 'zod'

/*
 * GET /claude-code/v1/relay/usage: the key's own use, for a status line or a script.
 *
 * Shaped as the relay's errors are: snake_case, times ISO 8601 in UTC, amounts decimal strings in `currency`. It answers for a key that is
 * disabled, expired or spent up too: `key.status` says so, and a limit whose `used` has reached its `cap` refuses requests until `resets_at`.
 * Fields may be added; none is renamed or taken away.
 *
 *   curl -sS -H "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN" "$ANTHROPIC_BASE_URL/v1/relay/usage" | jq -r '.usage.today.cost'
 */

const amount = z.string().regex(/^\d+(\.\d+)?$/)
const time = z.iso.datetime()

const span = z.strictObject({
  requests: z.int().min(0),
  /** Input, output, cache reads and cache writes together. */
  tokens: z.int().min(0),
  /** What counts for the limits: list price times the group's multiplier. */
  cost: amount,
})

export const relayUsageSchema = z.strictObject({
  type: z.literal('key_usage'),
  /** When this was worked out; a moment behind the running requests. */
  at: time,
  currency: z.literal('USD'),
  /** IANA name of the zone in which days, weeks (from Monday) and months begin. */
  time_zone: z.string(),
  key: z.strictObject({
    name: z.string(),
    status: z.enum(['active', 'disabled', 'expired', 'broken']),
    /** Null: never, or counted from a first use that is still to come. */
    expires_at: time.nullable(),
    /** Names or patterns; empty = all. */
    models: z.array(z.string()),
  }),
  /** Cost limits that the key has, the shortest period first; empty without any. */
  limits: z.array(z.strictObject({
    which: z.enum(['daily', 'weekly', 'monthly', 'total']),
    used: amount,
    cap: amount,
    /** Part that is used, 0 to 1. */
    share: z.number().min(0).max(1),
    /** Null: never. */
    resets_at: time.nullable(),
  })),
  /** Null: no such limit. */
  requests_per_minute: z.int().nullable(),
  concurrency: z.int().nullable(),
  usage: z.strictObject({ today: span, week: span, month: span, total: z.strictObject({ cost: amount }) }),
})

export type RelayUsage = z.output<typeof relayUsageSchema>
