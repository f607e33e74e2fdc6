/** Periods that spending is capped by, the longest first: what is over for longest is told. */
export const costPeriods = ['total', 'month', 'week', 'day'] as const
export type CostPeriod = (typeof costPeriods)[number]

/** Names of the periods that hold an instant, as the local date each began on; `total` has none. */
export type Spans = Record<'day' | 'week' | 'month', string>

/** What one request needs of its subject's limits. */
export interface Claim {
  subject: string
  /** Names the request; no two running ones share it. */
  token: string
  /** Life of place and reservation without {@link Claims.keep}. */
  ttlMs: number
  rate: { max: number, windowMs: number } | null
  /** Requests that may run at once. */
  places: number | null
  /** Nano-USD. */
  caps: Partial<Record<CostPeriod, number>> | null
  spans: Spans
  /** Nano-USD that the request is expected to cost; set aside while it runs. */
  estimate: number
}

export type ClaimAnswer = { local: boolean } & (
  | { result: 'taken' }
  /** Nothing is counted for the subject yet: build it with this ticket. */
  | { result: 'absent', ticket: string }
  | { result: 'rate', count: number, retryAfterMs: number }
  | { result: 'places', count: number }
  /** `reserved`: set aside for other running requests. */
  | { result: 'cap', period: CostPeriod, used: number, reserved: number }
)

/** Something spent, where its writer wrote it down. */
export interface Spent extends Spans {
  /** Sorts (as text) in the order in which one writer wrote. */
  position: string
  /** Nano-USD; negative to take back. */
  amount: number
}

export interface Count {
  writer: string
  /** Position of what this writer spent before on the subject, or empty: shows whether something is missing. */
  after: string
  entries: readonly Spent[]
  /** Tokens of requests that ended. */
  ended: readonly string[]
}

/** `gap`: the counter ends at `applied`, before `after`; no entry was counted. Tokens are freed in any case. */
export type CountAnswer = { local: boolean } & ({ result: 'counted' } | { result: 'absent' } | { result: 'gap', applied: string })

/** A counter's beginning: sums, and how far into what each writer wrote they reach. */
export interface Base {
  spans: Spans
  sums: Record<CostPeriod, number>
  positions: Readonly<Record<string, string>>
}

export type Spending = { local: boolean } & Base['sums'] & { reserved: number, running: number }

/**
 * Limits of a subject (a key, an account): hits in a window, places, and spending per period with what is set aside for running
 * requests. A claim is checked and taken in one atomic step. Amounts are integers in nano-USD, times milliseconds.
 * `local` in an answer: kept in this process only.
 */
export interface Claims {
  /**
   * Takes all or nothing. A cap refuses when it is used up, or when what others that run are expected to cost leaves no room
   * for the estimate; with no such request, whatever is left admits.
   */
  take(claim: Claim): Promise<ClaimAnswer>
  /** Prolongs place and reservation; takes them anew, beyond any cap, when they are lost. */
  keep(subject: string, token: string, hold: { ttlMs: number, estimate: number }): Promise<void>
  /** Adds each entry past what is counted of its writer, once, however often it is sent. */
  count(subject: string, count: Count): Promise<CountAnswer>
  /** Sets an absent counter; `again` when it was dropped since the ticket was given. `replace`: also one that is there. */
  build(subject: string, base: Base, how: { ticket: string } | { replace: true }): Promise<'built' | 'kept' | 'again'>
  /** Forgets what was spent, so that it is built anew. */
  drop(subject: string): Promise<{ local: boolean }>
  /** What was spent and is set aside, or a ticket to build with when nothing is counted. */
  read(subject: string, spans: Spans): Promise<Spending | { local: boolean, ticket: string }>
}

/** How long a counter stays that nobody touches. */
export const COUNTER_TTL_MS = 40 * 86_400_000
/** How long a dropped counter's new ticket is kept: longer than any build takes. */
export const TICKET_TTL_MS = 60_000
