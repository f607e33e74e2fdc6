import type { PoolAccount } from '../platforms/platform'
import { platformOf } from '../platforms/index'
import type { Clock } from '../lib/clock'
import type { Exchange } from './exchange'
import { Delivery } from './delivery'
import type { DeliveryEnd, TimeLimits } from './delivery-types'
import { RelayError } from './errors'
import { headerOf } from './headers'
import type { Pools } from './pools'
import type { Settlement } from './settle'
import { openSource } from './source'
import type { Watch } from './watch'

export interface AttemptDeps {
  pools: Pools
  watch: Watch
  clock: Clock
  limits: TimeLimits
}

export interface AttemptInput {
  exchange: Exchange
  account: PoolAccount
  body: Buffer
  stream: boolean
  /** Null for calls that are not accounted (count_tokens). */
  settlement: Settlement | null
  onFirstByte(): void
}

export interface AttemptResult {
  end: DeliveryEnd
  /** Status of the upstream; null when it never answered. */
  status: number | null
}

/** Sends the request to one account and brings its answer to the client. Never rejects. */
export async function attempt(deps: AttemptDeps, input: AttemptInput): Promise<AttemptResult> {
  const first = await once(deps, input)
  return isStaleConnection(first) ? once(deps, input) : first
}

async function once(deps: AttemptDeps, { exchange, account, body, stream, settlement, onFirstByte }: AttemptInput): Promise<AttemptResult> {
  const { pools, watch, clock, limits } = deps
  const platform = platformOf(account.platform)
  const delivery: Delivery = new Delivery({
    res: exchange.res,
    stream,
    requestId: exchange.requestId,
    arrivedAt: exchange.startedAt,
    reader: platform.usage,
    clock,
    limits,
    ownHeaders: exchange.ownHeaders,
    onFirstByte() {
      if (settlement) {
        settlement.firstByteAt = clock.now()
        settlement.upstreamRequestId = upstreamId(delivery)
      }
      onFirstByte()
    },
    onStarted: reading => settlement?.started(reading),
    onFinal(reading) {
      if (settlement) settlement.upstreamRequestId ??= upstreamId(delivery)
      settlement?.final(reading, delivery.answer?.status ?? 200)
    },
  })
  watch.add(delivery)
  try {
    const request = platform.request({ path: exchange.path, query: exchange.query, rawHeaders: exchange.req.rawHeaders, body }, account)
    delivery.attach(openSource(pools.of(request.origin, account.proxyUrl), request, delivery))
  }
  catch (error) {
    delivery.error(error instanceof Error ? error : new Error(String(error)))
  }
  const end = await delivery.ended
  watch.remove(delivery)
  if (settlement && delivery.answer) {
    settlement.reading = delivery.reading
    settlement.upstreamRequestId ??= upstreamId(delivery)
  }
  return { end, status: delivery.answer?.status ?? null }
}

const upstreamId = ({ answer }: Delivery): string | null => answer === null ? null : headerOf(answer.rawHeaders, 'request-id')?.slice(0, 128) ?? null

/** A kept-alive connection that the upstream had closed meanwhile: nothing was answered, so repeating is safe. */
function isStaleConnection({ end, status }: AttemptResult): boolean {
  if (status !== null || end.kind !== 'failed' || !(end.error instanceof RelayError)) return false
  const cause = end.error.cause as { code?: string, socket?: { bytesRead?: number } } | undefined
  return cause?.code === 'UND_ERR_SOCKET' && (cause.socket?.bytesRead ?? 0) > 0
}
