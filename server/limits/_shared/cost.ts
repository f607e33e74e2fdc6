import { z } from 'zod'
import { nanoToUsd } from '#shared/utils/money'
import { endOfPeriod } from '#shared/utils/period'
import type { CostPeriod } from '../../kv/claims'
import { RelayError } from '../../relay/errors'
import { iso, say, type MessageKey } from '../../relay/messages'
import { defineLimit, type Limit } from '../limit'

interface CostLimit {
  id: string
  period: CostPeriod
  /** Names of the setting (nano-USD) and of the field of the API (USD). */
  setting: string
  field: string
  /** As told in `details.which`. */
  which: string
  text: MessageKey
}

/** Until when a request is told to wait for those that run. */
const RETRY_SECONDS = 2

/** What a key may spend within a period (`billedNano`), with what is set aside for the requests that run. */
export const defineCostLimit = ({ id, period, setting, field, which, text }: CostLimit): Limit => defineLimit<number>({
  id,
  label: `limits.${field}`,
  phase: 'request',
  settings: key => key.limits[setting],
  schema: z.int().min(0),
  form: [{ name: `limits.${field}`, kind: 'money', label: `limits.${field}`, help: `limits.${field}Help`, unit: 'limits.usd' }],
  check: (_, cap) => ({ wants: { caps: { [period]: cap } } }),
  refuse({ principal: { owner }, now }, cap, shortage, timeZone) {
    const { used, reserved } = shortage.result === 'cap' ? shortage : { used: cap, reserved: 0 }
    const resetsAt = period === 'total' ? null : iso(endOfPeriod(period, now, timeZone))
    const reset = resetsAt ?? say(owner.locale, 'never')
    const amounts = { used: nanoToUsd(used), cap: nanoToUsd(cap) }
    const details = { which, ...amounts, resets_at: resetsAt }
    if (used >= cap) return new RelayError('cost_limit', say(owner.locale, text, { ...amounts, reset }), { details })
    const aside = nanoToUsd(reserved)
    return new RelayError('cost_limit', say(owner.locale, 'costReserved', { ...amounts, reserved: aside, reset }), {
      details: { ...details, reserved: aside }, retryAfterSeconds: RETRY_SECONDS, shouldRetry: true,
    })
  },
})
