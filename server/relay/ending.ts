import type { Outcome } from '#shared/types/log'

/** How a request ended, as its row and its log line will say. */
export interface Ending {
  /** What the client got; 499 when it left. */
  status: number
  outcome: Outcome
  error?: { type: string, message: string } | null
}
