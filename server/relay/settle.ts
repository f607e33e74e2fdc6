import type { Attempt, ClosedRequest, OpenedRequest, PricingTerms } from '#shared/types/log'
import { noUsage, type Usage } from '#shared/types/usage'
import type { JournalTurn } from '../billing/journal-turn'
import { listTerms } from '../billing/journal-lines'
import { pricedName } from '../billing/price-names'
import type { PriceBook } from '../billing/prices'
import type { GroupFacts } from '../keys/principal'
import type { Hold } from '../limits/admission'
import type { Spending } from '../limits/spending'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { redactText } from '../lib/redact'
import type { PoolAccount, UsageReading } from '../platforms/platform'
import type { Ending } from './ending'
import { RelayError } from './errors'
import { closedRow } from './row'

export interface SettleDeps {
  turn: JournalTurn
  prices: PriceBook
  spending: Pick<Spending, 'settled'>
  clock: Clock
  logger: Logger
}

const MAX_MESSAGE = 300

/**
 * The accounting of one message request: `opened` before it leaves, `usage` when first seen, `closed` before the client can
 * hold the whole answer (the journal's turn is committed before anything goes out), and once more at the end only if the end turned out otherwise.
 */
export class Settlement {
  readonly attempts: Attempt[] = []
  reading: UsageReading | null = null
  upstreamRequestId: string | null = null
  firstByteAt: number | null = null
  /** What the request holds of its key's limits. */
  hold: Hold | null = null
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

  /** Resolves when the journal knows of it. Rejects with RelayError `busy` when it can't be written: what can't be counted is not sent. */
  async open(account: PoolAccount): Promise<void> {
    this.request.accountId = account.id
    this.request.accountName = account.name
    this.request.platform = account.platform
    this.openedAt = this.deps.clock.now()
    this.upstreamRequestId = null
    this.firstByteAt = null
    this.attempts.push({ accountId: account.id, accountName: account.name, verdict: 'opened', status: null, ms: null, reason: null })
    try {
      await this.deps.turn.opened(this.request, this.terms)
    }
    catch (error) {
      this.deps.logger.error({ err: error, requestId: this.request.requestId }, 'the journal cannot be written: request refused')
      throw new RelayError('busy', 'The relay cannot keep its books right now. Try again shortly.', { retryAfterSeconds: 10, cause: error })
    }
  }

  started(reading: UsageReading): void {
    this.reading = reading
    this.deps.turn.usage(this.request.requestId, reading.usage, reading.servedModel)
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
  close(ending: Ending): ClosedRequest {
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
    const before = this.written
    this.written = row
    // What it held is given back only when what it cost is counted.
    this.deps.turn.closed(row, (end) => {
      if (end !== null) this.deps.spending.settled(row, before, end)
      this.hold?.end()
    })
    if (row.billedNano > 0 && row.outcome === 'ok') this.hold?.learn(row.billedNano)
  }

  private row({ status, outcome, error }: Ending): ClosedRequest {
    const { request, reading, deps, terms: { multiplierBp, priceBy } } = this
    const now = deps.clock.now()
    const usage = reading?.usage ?? noUsage()
    const servedModel = reading?.servedModel ?? null
    const cost = deps.prices.cost(pricedName({ priceBy, model: request.model, servedModel }), usage, multiplierBp)
    return closedRow(request, usage, cost, {
      multiplierBp,
      priceBy,
      upstreamRequestId: this.upstreamRequestId,
      createdAt: now,
      servedModel,
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
