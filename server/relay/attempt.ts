import { platformOf } from '../platforms/index'
import { UnfitRequest, type AnswerConverter, type PoolAccount, type UpstreamRequest, type UsageReader } from '../platforms/platform'
import type { Clock } from '../lib/clock'
import { converting } from './convert'
import { Delivery } from './delivery'
import { asRejection, reasonOf, unreachable } from './delivery-errors'
import type { DeliveryEnd, TimeLimits } from './delivery-types'
import type { Exchange } from './exchange'
import { headerOf } from './headers'
import type { Peeked } from './peek'
import type { Pools } from './pools'
import type { Settlement } from './settle'
import { openSource } from './source'
import type { Watch } from './watch'
import type { ClientWriter } from './writer'

export interface AttemptDeps {
  pools: Pools
  watch: Watch
  clock: Clock
  limits: TimeLimits
}

export interface AttemptInput {
  exchange: Exchange
  writer: ClientWriter
  account: PoolAccount
  body: Buffer
  facts: Peeked
  settlement: Settlement
  onFirstByte(): void
}

/** `status` and `rawHeaders` (flat) are the upstream's, null when it never answered. */
export type AttemptResult = DeliveryEnd & { status: number | null, rawHeaders: readonly string[] | null }

/** Sends the request to one account and brings its answer to the client. Never rejects. */
export async function attempt(deps: AttemptDeps, input: AttemptInput): Promise<AttemptResult> {
  const first = await once(deps, input)
  return isStaleConnection(first) ? once(deps, input) : first
}

async function once(deps: AttemptDeps, input: AttemptInput): Promise<AttemptResult> {
  const { exchange, account, body, facts } = input
  let request: UpstreamRequest
  try {
    request = platformOf(account.platform).request({ path: exchange.path, query: exchange.query, rawHeaders: exchange.req.rawHeaders, body, facts }, account)
  }
  catch (error) {
    if (error instanceof UnfitRequest) return { kind: 'rejected', rejection: asRejection({ type: 'invalid_request_error', message: error.message }), status: null, rawHeaders: null }
    const fault = error instanceof Error ? error : new Error(String(error))
    return { kind: 'failed', error: unreachable(fault), reason: reasonOf(fault), rejection: null, status: null, rawHeaders: null }
  }
  return deliver(deps, input, request)
}

async function deliver({ pools, watch, clock, limits }: AttemptDeps, { writer, account, facts, settlement, onFirstByte }: AttemptInput, request: UpstreamRequest): Promise<AttemptResult> {
  const delivery: Delivery = new Delivery({
    writer, stream: facts.stream, clock, limits,
    reader: readerOf(account, request),
    onFirstByte() {
      settlement.firstByteAt = clock.now()
      settlement.upstreamRequestId = upstreamId(delivery)
      onFirstByte()
    },
    onStarted: reading => settlement.started(reading),
    onFinal(reading) {
      settlement.upstreamRequestId ??= upstreamId(delivery)
      settlement.final(reading, delivery.answer?.status ?? 200)
    },
  })
  watch.add(delivery)
  try {
    const listener = request.answer ? converting(delivery, request.answer) : delivery
    delivery.attach(openSource(pools.of(request.origin, account), request, listener))
  }
  catch (error) {
    delivery.error(error instanceof Error ? error : new Error(String(error)))
  }
  const end = await delivery.ended
  watch.remove(delivery)
  // An answer that broke off unseen was not free, only unknown.
  const used = delivery.committed || (end.kind === 'failed' && delivery.answer !== null)
  settlement.reading = used ? delivery.reading : null
  settlement.upstreamRequestId ??= upstreamId(delivery)
  return { ...end, status: delivery.answer?.status ?? null, rawHeaders: delivery.answer?.rawHeaders ?? null }
}

/** Reads what the client gets; of a converted answer, with what only the original says. */
function readerOf(account: PoolAccount, { answer }: UpstreamRequest): (frames: boolean) => UsageReader {
  const { usage } = platformOf(account.platform)
  return answer ? frames => completed(usage(frames), answer) : usage
}

const completed = (reader: UsageReader, answer: AnswerConverter): UsageReader => ({
  push: bytes => reader.push(bytes),
  get seen() {
    return reader.seen
  },
  end: () => answer.complete(reader.end()),
})

const upstreamId = ({ answer }: Delivery): string | null => answer === null ? null : headerOf(answer.rawHeaders, 'request-id')?.slice(0, 128) ?? null

/** A kept-alive connection that the upstream had closed meanwhile: nothing was answered, so repeating is safe. */
function isStaleConnection(result: AttemptResult): boolean {
  if (result.status !== null || result.kind !== 'failed') return false
  const cause = result.error.cause as { code?: string, socket?: { bytesRead?: number } } | undefined
  return cause?.code === 'UND_ERR_SOCKET' && (cause.socket?.bytesRead ?? 0) > 0
}
