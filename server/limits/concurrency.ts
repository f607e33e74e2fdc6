import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { say } from '../relay/messages'
import { defineLimit } from './limit'

const RETRY_SECONDS = 2

/** Requests that run at once, over all instances. */
export default defineLimit({
  id: 'concurrency',
  label: 'limits.concurrency',
  phase: 'request',
  settings: key => key.limits.concurrency,
  schema: z.int().min(1),
  form: [{ name: 'limits.concurrency', kind: 'number', label: 'limits.concurrency', help: 'limits.concurrencyHelp', unit: 'limits.atOnce' }],
  check: (_, places) => ({ wants: { places } }),
  refuse({ principal: { owner } }, cap, shortage) {
    const used = shortage.result === 'places' ? shortage.count : cap
    return new RelayError('key_concurrency', say(owner.locale, 'concurrency', { used, cap }), {
      retryAfterSeconds: RETRY_SECONDS,
      details: { which: 'concurrency', used, cap, resets_at: null },
    })
  },
})
