import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { iso, say } from '../relay/messages'
import { defineLimit } from './limit'

const WINDOW_MS = 60_000

/** Requests within any sixty seconds. */
export default defineLimit({
  id: 'requests-per-minute',
  label: 'limits.requestsPerMinute',
  phase: 'request',
  settings: key => key.limits.requestsPerMinute,
  schema: z.int().min(1),
  form: [{ name: 'limits.requestsPerMinute', kind: 'number', label: 'limits.requestsPerMinute', help: 'limits.requestsPerMinuteHelp', unit: 'limits.perMinute' }],
  check: (_, max) => ({ wants: { rate: { max, windowMs: WINDOW_MS } } }),
  refuse({ principal: { owner }, now }, max, shortage) {
    const { count, retryAfterMs } = shortage.result === 'rate' ? shortage : { count: max, retryAfterMs: WINDOW_MS }
    const reset = iso(now + retryAfterMs)
    return new RelayError('rate_limit', say(owner.locale, 'rate', { used: count, cap: max, reset }), {
      retryAfterSeconds: Math.max(1, retryAfterMs / 1000),
      details: { which: 'requests_per_minute', used: count, cap: max, resets_at: reset },
    })
  },
})
