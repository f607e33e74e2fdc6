import type { ClosedRequest, OpenedRequest } from '#shared/types/log'
import { noUsage } from '#shared/types/usage'
import type { JournalLine, PricingTerms, UsageNote } from './journal-lines'
import type { PriceBook } from './prices'

interface OpenRequest {
  request: OpenedRequest
  terms: PricingTerms
  note: UsageNote | null
}

/** Follows the lines of a writer to know which requests it left open. */
export class OpenRequests {
  readonly #open = new Map<string, OpenRequest>()

  take(line: JournalLine): void {
    if (line.kind === 'opened') this.#open.set(line.request.requestId, { request: line.request, terms: line.terms, note: null })
    else if (line.kind === 'closed') this.#open.delete(line.row.requestId)
    else {
      const open = this.#open.get(line.note.requestId)
      if (open) open.note = line.note
    }
  }

  /** Rows of the requests still open, with what is known of their usage. */
  interrupted(prices: PriceBook, now: number): ClosedRequest[] {
    return [...this.#open.values()].map(open => interruptedRow(open, prices, now))
  }
}

function interruptedRow({ request, terms, note }: OpenRequest, prices: PriceBook, now: number): ClosedRequest {
  const usage = note?.usage ?? noUsage()
  const servedModel = note?.servedModel ?? null
  const model = terms.priceBy === 'served' ? servedModel ?? request.model : request.model
  const { parts, ...cost } = prices.cost(model ?? '', usage, terms.multiplierBp)
  return {
    ...request, ...usage, ...cost, costParts: parts,
    servedModel, upstreamRequestId: null, createdAt: now,
    status: 500, outcome: 'interrupted', errorType: 'api_error', errorMessage: 'The relay stopped before the answer ended.',
    usageComplete: false, stopReason: null, ttfbMs: null, durationMs: Math.max(0, (note?.at ?? request.startedAt) - request.startedAt), attempts: [],
  }
}
