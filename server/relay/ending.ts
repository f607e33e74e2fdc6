import type { Outcome } from '#shared/types/log'
import type { UsageReading } from '../platforms/platform'
import type { DeliveryEnd } from './delivery-types'

/** How a request ended, as its row and its log line will say. */
export interface Ending {
  /** What the client got; 499 when it left. */
  status: number
  outcome: Outcome
  verdict: string
  error?: { type: string, message: string } | null
}

/** `status` is the upstream's, null when it never answered. */
export function endingOf(end: DeliveryEnd, status: number | null, reading: UsageReading | null): Ending {
  switch (end.kind) {
    case 'complete': return { status: status ?? 200, outcome: 'ok', verdict: 'deliver' }
    case 'upstream_error': return { status: status ?? 200, outcome: 'upstream_error', verdict: 'pass', error: reading?.error ?? { type: `http_${status}`, message: '' } }
    case 'truncated': return { status: status ?? 200, outcome: 'truncated', verdict: 'transient', error: { type: end.error.code, message: end.error.message } }
    case 'client_closed': return { status: 499, outcome: 'client_closed', verdict: 'stop' }
    case 'failed': return { status: end.error.status, outcome: 'upstream_error', verdict: 'transient', error: { type: end.error.code, message: end.error.message } }
  }
}
