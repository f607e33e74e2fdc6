import type { ClosedRequest, OpenedRequest, PricingTerms } from '#shared/types/log'
import { noUsage } from '#shared/types/usage'
import { headOf, isWhole, readLine, type UsageNote } from './journal-lines'
import { pricedName } from './price-names'
import type { PriceBook } from './prices'

/** Follows the lines of a writer to know which requests it left open; turns into rows only what is left in the end. */
export class OpenRequests {
  readonly #open = new Map<string, { opened: string, usage: string | null }>()

  take(text: string): void {
    const head = headOf(text)
    if (head?.kind === 'opened') this.#open.set(head.requestId, { opened: text, usage: null })
    else if (head?.kind === 'closed' && isWhole(text)) this.#open.delete(head.requestId)
    const open = head?.kind === 'usage' ? this.#open.get(head.requestId) : undefined
    if (open) open.usage = text
  }

  /** Rows of the requests still open, with what is known of their usage. */
  interrupted(prices: PriceBook, now: number): ClosedRequest[] {
    return [...this.#open.values()].flatMap(({ opened, usage }) => {
      const line = readLine(opened)
      const note = usage === null ? null : readLine(usage)
      return line?.kind === 'opened' ? [interruptedRow({ ...line, note: note?.kind === 'usage' ? note.note : null }, prices, now)] : []
    })
  }
}

interface OpenRequest { request: OpenedRequest, terms: PricingTerms, note: UsageNote | null }

function interruptedRow({ request, terms, note }: OpenRequest, prices: PriceBook, now: number): ClosedRequest {
  const usage = note?.usage ?? noUsage()
  const servedModel = note?.servedModel ?? null
  const { parts, ...cost } = prices.cost(pricedName({ ...terms, model: request.model, servedModel }), usage, terms.multiplierBp)
  return {
    ...request, ...usage, ...terms, ...cost, costParts: parts,
    servedModel, upstreamRequestId: null, createdAt: now,
    status: 500, outcome: 'interrupted', errorType: 'api_error', errorMessage: 'The relay stopped before the answer ended.',
    usageComplete: false, stopReason: null, ttfbMs: null, durationMs: Math.max(0, (note?.at ?? request.startedAt) - request.startedAt), attempts: [],
  }
}
