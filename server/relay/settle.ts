import type { Attempt, ClosedRequest, OpenedRequest } from '#shared/types/log'
import { noUsage, type Usage } from '#shared/types/usage'
import type { Journal } from '../billing/journal'
import { listTerms, type PricingTerms } from '../billing/journal-lines'
import type { PriceBook } from '../billing/prices'
import type { GroupFacts } from '../keys/principal'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { redactText } from '../lib/redact'
import type { PoolAccount, UsageReading } from '../platforms/platform'
import type { Ending } from './ending'
import { RelayError } from './errors'
import { closedRow } from './row'

export interface SettleDeps {
  journal: Journal
  prices: PriceBook
  clock: Clock
  logger: Logger
}

const MAX_MESSAGE = 300

/**
 * The accounting of one message request: `opened` before it leaves, `usage` when first seen, `closed` before the client can
 * hold the whole answer, and once more at the end only if the end turned out otherwise.
 */
export class Settlement {
  readonly attempts: Attempt[] = []
  reading: UsageReading | null = null
  upstreamRequestId: string | null = null
  firstByteAt: number | null = null
  private openedAt = 0
  private written: ClosedRequest | null = null
  private readonly terms: PricingTerms

  constructor(private readonly deps: SettleDeps, readonly request: OpenedRequest, group: GroupFacts | null) {
    this.terms = group ? { multiplierBp: group.multiplierBp, priceBy: group.priceBy } : listTerms
  }

  /** What the body said. */
  peeked(model: string, stream: boolean, sessionId: string | null): void {
    this.request.model = model
    this.request.stream = stream
    this.request.sessionId = sessionId
  }

  /** Throws RelayError `busy` when the journal can't be written: what can't be counted is not sent. */
  open(account: PoolAccount): void {
    this.request.accountId = account.id
    this.request.accountName = account.name
    this.request.platform = account.platform
    this.openedAt = this.deps.clock.now()
    this.upstreamRequestId = null
    this.firstByteAt = null
    this.attempts.push({ accountId: account.id, accountName: account.name, verdict: 'opened', status: null, ms: null, reason: null })
    try {
      this.deps.journal.opened(this.request, this.terms)
    }
    catch (error) {
      this.deps.logger.error({ err: error, requestId: this.request.requestId }, 'the journal cannot be written: request refused')
      throw new RelayError('busy', 'The relay cannot keep its books right now. Try again shortly.', { retryAfterSeconds: 10, cause: error })
    }
  }

  started(reading: UsageReading): void {
    this.reading = reading
    this.keep(() => this.deps.journal.usage(this.request.requestId, reading.usage, reading.servedModel))
  }

  /** The answer is complete as far as the client can tell; call before its last bytes leave. */
  final(reading: UsageReading, status: number): void {
    this.reading = reading
    this.judged({ verdict: 'deliver', status, reason: null })
    this.write(this.row({ status, outcome: 'ok' }))
  }

  /** How the attempt under way ended. */
  judged(verdict: Pick<Attempt, 'verdict' | 'status' | 'reason'>): void {
    const attempt = this.attempts.at(-1)
    if (attempt) Object.assign(attempt, verdict, { ms: this.deps.clock.now() - this.openedAt })
  }

  /** Once per request, whatever happened; writes only what is not written yet. */
  close(ending: Omit<Ending, 'verdict'>): ClosedRequest {
    if (this.written && ending.outcome === 'ok' && this.saysAll(this.written, ending.status)) return this.written
    const row = this.row(ending)
    this.write(row)
    return row
  }

  /** Does the row that was written before the last bytes left still hold? */
  private saysAll(row: ClosedRequest, status: number): boolean {
    const { reading, upstreamRequestId } = this
    if (!reading || row.status !== status || row.upstreamRequestId !== upstreamRequestId) return false
    if (row.usageComplete !== reading.complete || row.stopReason !== reading.stopReason || row.servedModel !== reading.servedModel) return false
    return Object.entries(reading.usage).every(([name, value]) => row[name as keyof Usage] === value)
  }

  private write(row: ClosedRequest): void {
    this.written = row
    this.keep(() => this.deps.journal.closed(row))
  }

  /** The tokens are spent already, so a failing journal must not take the answer from the client. */
  private keep(write: () => void): void {
    try {
      write()
    }
    catch (error) {
      this.deps.logger.error({ err: error, requestId: this.request.requestId }, 'the journal cannot be written: usage of a request is incomplete')
    }
  }

  private row({ status, outcome, error }: Omit<Ending, 'verdict'>): ClosedRequest {
    const { request, reading, deps } = this
    const now = deps.clock.now()
    const usage = reading?.usage ?? noUsage()
    const model = this.terms.priceBy === 'served' ? reading?.servedModel ?? request.model : request.model
    const cost = deps.prices.cost(model ?? '', usage, this.terms.multiplierBp)
    return closedRow(request, usage, cost, {
      upstreamRequestId: this.upstreamRequestId,
      createdAt: now,
      servedModel: reading?.servedModel ?? null,
      status,
      outcome,
      errorType: error?.type ?? null,
      errorMessage: error ? redactText(error.message).slice(0, MAX_MESSAGE) : null,
      usageComplete: reading ? reading.complete : outcome !== 'client_closed' && outcome !== 'truncated',
      stopReason: reading?.stopReason ?? null,
      ttfbMs: this.firstByteAt === null ? null : this.firstByteAt - request.startedAt,
      durationMs: now - request.startedAt,
      attempts: this.attempts,
    })
  }
}
