import { authenticate } from '../keys/authenticate'
import type { KeyDirectory } from '../keys/directory'
import { admit } from '../limits/index'
import { stickyKey } from '../scheduler/sticky'
import { tryAccounts, type AttemptsDeps } from './attempts'
import { ClientGone, readBody, type BufferBudget, type HeldBody } from './body'
import type { Ending } from './ending'
import { RelayError, sendError } from './errors'
import type { Call, Exchange } from './exchange'
import { openRequest, sessionHeader } from './facts'
import { logExchange } from './line'
import { peek } from './peek'
import { Settlement, type SettleDeps } from './settle'

export interface RelayDeps extends AttemptsDeps, SettleDeps {
  keys: KeyDirectory
  budget: BufferBudget
  maxBodyBytes: number
}

const MAX_MODEL = 200

/** Relays one call: enter, authenticate, admit, choose, send, stream, settle. Never rejects. */
export async function relay(deps: RelayDeps, exchange: Exchange, call: Call): Promise<void> {
  let settlement: Settlement | null = null
  let body: HeldBody | null = null
  let ending: Ending
  try {
    const principal = await authenticate(exchange.req.headers, exchange.ip, deps.keys)
    if (call === 'messages') settlement = new Settlement(deps, openRequest(exchange, principal), principal.group)
    const context = { principal, ip: exchange.ip, userAgent: exchange.req.headers['user-agent'], now: exchange.startedAt }
    admit('key', { ...context, model: null })
    body = await readBody(exchange.req, deps.maxBodyBytes, deps.budget)
    const facts = peek(body.bytes, exchange.req.headers['content-encoding'], deps.maxBodyBytes)
    const session = sessionHeader(exchange) ?? facts.session
    settlement?.peeked(facts.model.slice(0, MAX_MODEL), facts.stream, session)
    admit('request', { ...context, model: facts.model })
    ending = await tryAccounts(deps, exchange, { principal, body, facts, call, session: stickyKey(principal.key.id, session), settlement })
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  finally {
    body?.release()
  }
  logExchange(deps.logger, exchange, call, ending, settlement?.close(ending) ?? null)
}

/** Answers with our own error, if anybody is still there to read it. */
function refuse({ logger }: RelayDeps, exchange: Exchange, error: unknown): Ending {
  if (error instanceof ClientGone || exchange.res.destroyed) return { status: 499, outcome: 'client_closed', verdict: 'stop' }
  let refusal: RelayError
  if (error instanceof RelayError) refusal = error
  else {
    logger.error({ err: error, requestId: exchange.requestId }, 'a relay request failed unexpectedly')
    refusal = new RelayError('internal', 'The relay failed unexpectedly. The operator finds the cause in its log under this request id.')
  }
  if (exchange.res.headersSent) exchange.res.destroy()
  else sendError(exchange.res, refusal, exchange.requestId, exchange.ownHeaders)
  return { status: refusal.status, outcome: 'refused', verdict: 'pass', error: { type: refusal.code, message: refusal.message } }
}
