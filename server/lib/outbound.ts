import { Agent, request, type Dispatcher } from 'undici'
import { connectorWithin, reachAnywhere, reachLoopback, reachPublic, type Resolve } from './guarded-connect'

export interface OutboundAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** The body's beginning. */
  text: string
}

export interface OutboundRequest {
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** May the address lie in the operator's own network? Only what an admin entered may. */
  allowPrivate: boolean
  /** For the whole exchange. Default 10 s. */
  timeoutMs?: number
  /** What is read of the answer at most, in bytes. Default 64 KiB. */
  maxBytes?: number
}

/** Calls to addresses that people entered. Redirects are never followed; certificates are always verified. */
export interface Outbound {
  /** Resolves with any answer, a redirect or refusal included. Rejects when there is none: PrivateAddressError, time-out, network. */
  send(request: OutboundRequest): Promise<OutboundAnswer>
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const TIMEOUT_MS = 10_000
const MAX_BYTES = 64 * 1024

/** `loopbackOnly`: nothing but this machine is reached. `resolve` stands in for the system's name look-up in tests. */
export function createOutbound({ loopbackOnly = false, resolve }: { loopbackOnly?: boolean, resolve?: Resolve } = {}): Outbound {
  const limits = { connections: 4, keepAliveTimeout: 1_000 }
  const agents = {
    open: new Agent({ ...limits, connect: connectorWithin(loopbackOnly ? reachLoopback(resolve) : reachAnywhere(resolve), CONNECT_TIMEOUT_MS) }),
    guarded: new Agent({ ...limits, connect: connectorWithin(loopbackOnly ? reachLoopback(resolve) : reachPublic(resolve), CONNECT_TIMEOUT_MS) }),
  }
  return {
    send: ({ allowPrivate, ...what }) => exchange(allowPrivate ? agents.open : agents.guarded, what),
    async close() {
      await Promise.all(Object.values(agents).map(agent => agent.destroy()))
    },
  }
}

async function exchange(dispatcher: Dispatcher, { url, method = 'GET', headers, body, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES }: Omit<OutboundRequest, 'allowPrivate'>): Promise<OutboundAnswer> {
  const signal = AbortSignal.timeout(timeoutMs)
  const answer = await request(url, { dispatcher, method, headers, body, signal })
  const parts: Buffer[] = []
  let size = 0
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    parts.push(part)
    size += part.length
    if (size >= maxBytes) break
  }
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).subarray(0, maxBytes).toString('utf8') }
}
