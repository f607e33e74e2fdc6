import type { IncomingMessage, ServerResponse } from 'node:http'
import { newRequestId } from '../lib/id'
import { corsHeaders, preflight } from './cors'
import { RelayError, sendError } from './errors'
import type { Exchange } from './exchange'
import { countTokens, type CountTokensDeps } from './count-tokens'
import { serveModels, type ModelsDeps } from './models'
import { relay } from './relay'
import { serveUsage, type UsageDeps } from './usage'

export interface FrontDeps extends CountTokensDeps, ModelsDeps, UsageDeps {
  clientIp(remote: string | undefined, forwardedFor: string | undefined): string
  /** Origins allowed by CORS; empty = off, `*` = any. */
  corsOrigins: readonly string[]
}

const BASE = '/claude-code'

/** The relay's front door: everything below `/claude-code`. Resolves when the answer was handed over. */
export async function serveRelay(deps: FrontDeps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const exchange = enter(deps, req, res)
  const { method } = req
  if (method === 'OPTIONS' && preflight(res, req, deps.corsOrigins)) return
  if (method === 'POST' && exchange.path === '/v1/messages') return relay(deps, exchange)
  if (method === 'POST' && exchange.path === '/v1/messages/count_tokens') return countTokens(deps, exchange)
  if ((method === 'GET' || method === 'HEAD') && (exchange.path === '' || exchange.path === '/api/hello')) return hello(exchange)
  if (method === 'GET' && /^\/v1\/models(?:\/[^/]+)?$/.test(exchange.path)) return serveModels(deps, exchange)
  if (method === 'GET' && exchange.path === '/v1/relay/usage') return serveUsage(deps, exchange)
  sendError(res, new RelayError('path_unknown', `There is no ${method} ${BASE}${exchange.path} here. ANTHROPIC_BASE_URL must end in ${BASE}.`), exchange.requestId, exchange.ownHeaders)
}

function enter(deps: FrontDeps, req: IncomingMessage, res: ServerResponse): Exchange {
  const url = req.url ?? ''
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const forwardedFor = req.headers['x-forwarded-for']
  return {
    req, res,
    // A base URL that ends in /v1 is a common mistake and works too.
    path: path.slice(BASE.length).replace(/\/+$/, '').replace(/^\/v1\/v1\//, '/v1/'),
    query: mark < 0 ? '' : url.slice(mark),
    requestId: newRequestId(),
    startedAt: deps.clock.now(),
    ip: deps.clientIp(req.socket.remoteAddress, Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor),
    ownHeaders: corsHeaders(req.headers.origin, deps.corsOrigins),
  }
}

function hello({ res, requestId, ownHeaders }: Exchange): void {
  const body = JSON.stringify({ ok: true, service: 'Claude Code Relay' })
  res.writeHead(200, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), 'x-relay-request-id', requestId, ...ownHeaders])
  res.end(body)
}
