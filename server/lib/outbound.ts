import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector, request, type Dispatcher } from 'undici'
import { hostOf, isPublicAddress } from './private-address'

/** The host is, or resolves to, an address outside the public internet. Refused before anything is connected. */
export class PrivateAddressError extends Error {
  override name = 'PrivateAddressError'
  readonly code = 'PRIVATE_ADDRESS'
}

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
  /** Resolves with any answer, a redirect or refusal included. Rejects when there is none: {@link PrivateAddressError}, time-out, network. */
  send(request: OutboundRequest): Promise<OutboundAnswer>
  close(): Promise<void>
}

type Resolve = (hostname: string, options: LookupOptions & { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

const CONNECT_TIMEOUT_MS = 5_000
const TIMEOUT_MS = 10_000
const MAX_BYTES = 64 * 1024

/** `resolve` stands in for the system's name look-up in tests. */
export function createOutbound({ resolve = lookup as Resolve }: { resolve?: Resolve } = {}): Outbound {
  const limits = { connections: 4, keepAliveTimeout: 1_000 }
  const agents = {
    open: new Agent({ ...limits, connect: { timeout: CONNECT_TIMEOUT_MS, lookup: resolveWith(resolve, false) } }),
    guarded: new Agent({ ...limits, connect: publicOnly(resolve) }),
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

/** Looks at the very addresses that get connected to, so that a name cannot change its mind in between. */
function publicOnly(resolve: Resolve): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: resolveWith(resolve, true) })
  return (options, callback) => {
    // An address as host is never looked up.
    const host = hostOf(options.hostname)
    if (isIP(host) && !isPublicAddress(host)) callback(refusal(), null)
    else connect(options, callback)
  }
}

function resolveWith(resolve: Resolve, guarded: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      if (guarded && !addresses.every(({ address }) => isPublicAddress(address))) return callback(refusal(), '', 0)
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}

const refusal = (): PrivateAddressError => new PrivateAddressError('The address is not one of the public internet.')
