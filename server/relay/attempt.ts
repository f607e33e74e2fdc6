import { wholeJson } from '../platforms/_shared/whole-json'
import { platformOf } from '../platforms/index'
import type { PoolAccount } from '../platforms/platform'
import type { Clock } from '../lib/clock'
import type { Exchange } from './exchange'
import { Delivery } from './delivery'
import type { DeliveryEnd, TimeLimits } from './delivery-types'
import { headerOf } from './headers'
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
  stream: boolean
  /** Null for calls that are not accounted (count_tokens). */
  settlement: Settlement | null
  onFirstByte(): void
}

/** `status` is the upstream's, null when it never answered. */
export type AttemptResult = DeliveryEnd & { status: number | null }

/** Sends the request to one account and brings its answer to the client. Never rejects. */
export async function attempt(deps: AttemptDeps, input: AttemptInput): Promise<AttemptResult> {
  const first = await once(deps, input)
  return isStaleConnection(first) ? once(deps, input) : first
}

async function once({ pools, watch, clock, limits }: AttemptDeps, { exchange, writer, account, body, stream, settlement, onFirstByte }: AttemptInput): Promise<AttemptResult> {
  const platform = platformOf(account.platform)
  const delivery: Delivery = new Delivery({
    writer, stream, clock, limits,
    reader: settlement ? platform.usage : wholeJson,
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
  // An answer that broke off unseen was not free, only unknown.
  const used = delivery.committed || (end.kind === 'failed' && delivery.answer !== null)
  if (settlement) settlement.reading = used ? delivery.reading : null
  if (settlement) settlement.upstreamRequestId ??= upstreamId(delivery)
  return { ...end, status: delivery.answer?.status ?? null }
}

const upstreamId = ({ answer }: Delivery): string | null => answer === null ? null : headerOf(answer.rawHeaders, 'request-id')?.slice(0, 128) ?? null

/** A kept-alive connection that the upstream had closed meanwhile: nothing was answered, so repeating is safe. */
function isStaleConnection(result: AttemptResult): boolean {
  if (result.status !== null || result.kind !== 'failed') return false
  const cause = result.error.cause as { code?: string, socket?: { bytesRead?: number } } | undefined
  return cause?.code === 'UND_ERR_SOCKET' && (cause.socket?.bytesRead ?? 0) > 0
}
