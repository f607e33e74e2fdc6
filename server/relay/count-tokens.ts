import { admit } from '../limits/index'
import { authenticate } from '../keys/authenticate'
import { stickyKey } from '../scheduler/sticky'
import { readBody, type HeldBody } from './body'
import type { Counted, Counter } from './count'
import type { Ending } from './ending'
import type { Exchange } from './exchange'
import { sessionHeader } from './facts'
import { clientHeaders, headerOf } from './headers'
import { logExchange } from './line'
import { peek } from './peek'
import { refuse, type RelayDeps } from './relay'

export interface CountTokensDeps extends RelayDeps {
  counter: Counter
}

/** `POST /v1/messages/count_tokens`: enter, authenticate, admit, count. Not accounted, and no place on an account is taken. Never rejects. */
export async function countTokens(deps: CountTokensDeps, exchange: Exchange): Promise<void> {
  let body: HeldBody | null = null
  let ending: Ending
  try {
    const { req } = exchange
    const principal = await authenticate(req.headers, exchange.ip, deps.keys)
    const context = { principal, ip: exchange.ip, userAgent: req.headers['user-agent'], now: exchange.startedAt }
    admit('key', { ...context, model: null })
    body = await readBody(req, deps.maxBodyBytes, deps.budget)
    const facts = peek(body.bytes, req.headers['content-encoding'], deps.maxBodyBytes)
    admit('request', { ...context, model: facts.model })
    ending = answer(exchange, await deps.counter.count({
      principal, facts, body: body.bytes, path: exchange.path, query: exchange.query, rawHeaders: req.rawHeaders,
      session: stickyKey(principal.key.id, sessionHeader(exchange) ?? facts.session),
    }))
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  finally {
    body?.release()
  }
  logExchange(deps.logger, exchange, 'count_tokens', ending, null)
}

function answer({ res, requestId, ownHeaders }: Exchange, { status, rawHeaders, body, estimated }: Counted): Ending {
  if (res.destroyed) return { status: 499, outcome: 'client_closed' }
  const told = clientHeaders(rawHeaders, true)
  res.writeHead(status, [
    ...told, 'content-length', String(body.length), 'x-relay-request-id', requestId, ...headerOf(told, 'request-id') === undefined ? ['request-id', requestId] : [], ...estimated ? ['x-relay-estimated', 'true'] : [], ...ownHeaders,
  ])
  res.end(body)
  return { status, outcome: status < 400 ? 'ok' : 'upstream_error' }
}
