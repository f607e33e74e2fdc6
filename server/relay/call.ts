import type { UpstreamRequest } from '../platforms/platform'
import type { Pools, Route } from './pools'
import { openSource } from './source'

/** An upstream's whole answer, decoded. */
export interface CallAnswer {
  status: number
  /** Flat. */
  rawHeaders: string[]
  body: Buffer
}

export interface CallOptions {
  /** From the start to the end of the answer, milliseconds. */
  timeoutMs: number
  /** Rejects when the answer is larger. */
  maxBytes?: number
  signal?: AbortSignal
}

/** Sends one request and takes its answer in whole. Rejects when it was not reached, too slow, too large or given up. */
export type Call = (request: UpstreamRequest, route: Route, options: CallOptions) => Promise<CallAnswer>

const MAX_BYTES = 1024 * 1024

export const createCall = (pools: Pools): Call => (request, route, { timeoutMs, maxBytes = MAX_BYTES, signal }) => new Promise((resolve, reject) => {
  let status = 0
  let rawHeaders: string[] = []
  let received = 0
  const pieces: Buffer[] = []
  const giveUp = (): void => source.abort(new Error('given up'))
  const settle = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
  const source = openSource(pools.of(request.origin, route), request, {
    head(given, headers) {
      status = given
      rawHeaders = headers
    },
    data(chunk) {
      received += chunk.length
      if (received > maxBytes) source.abort(new Error(`The answer is larger than ${maxBytes} bytes.`))
      else pieces.push(chunk)
    },
    end() {
      settle()
      resolve({ status, rawHeaders, body: Buffer.concat(pieces) })
    },
    error(error) {
      settle()
      reject(error)
    },
  })
  const timer = setTimeout(() => source.abort(new Error(`No answer within ${Math.round(timeoutMs / 1000)} s.`)), timeoutMs)
  signal?.addEventListener('abort', giveUp)
})
