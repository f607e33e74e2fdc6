import { authenticate } from '../keys/authenticate'
import type { KeyDirectory } from '../keys/directory'
import type { Admission } from '../limits/admission'
import type { Tally } from '../live/running'
import { admit } from '../limits/index'
import { stickyKey } from '../scheduler/sticky'
import { tryAccounts, type AttemptsDeps } from './attempts'
import { ClientGone, readBody, type BufferBudget, type HeldBody } from './body'
import type { Ending } from './ending'
import { RelayError, sendError } from './errors'
import type { Exchange } from './exchange'
import { openRequest, sessionHeader } from './facts'
import { logExchange } from './line'
import { peek } from './peek'
import { Settlement, type SettleDeps } from './settle'

export interface RelayDeps extends AttemptsDeps, SettleDeps {
  keys: KeyDirectory
  admission: Pick<Admission, 'enter'>
  /** Requests that run, by the owner of their key. */
  running: Pick<Tally, 'begin'>
  budget: BufferBudget
  maxBodyBytes: number
}

const MAX_MODEL = 200

/** Relays one message request: enter, authenticate, admit, choose, send, stream, settle. Never rejects. */
export async function relay(deps: RelayDeps, exchange: Exchange): Promise<void> {
  let settlement: Settlement | null = null
  let body: HeldBody | null = null
  let left: (() => void) | null = null
  let ending: Ending
  try {
    const principal = await authenticate(exchange.req.headers, exchange.ip, deps.keys)
    settlement = new Settlement(deps, openRequest(exchange, principal), principal.group)
    const context = { principal, ip: exchange.ip, userAgent: exchange.req.headers['user-agent'], now: exchange.startedAt }
    admit('key', { ...context, model: null })
    left = deps.running.begin(principal.owner.id)
    body = await readBody(exchange.req, deps.maxBodyBytes, deps.budget)
    const facts = peek(body.bytes, exchange.req.headers['content-encoding'], deps.maxBodyBytes)
    const session = sessionHeader(exchange) ?? facts.session
    settlement.peeked(facts.model.slice(0, MAX_MODEL), facts.stream, session)
    const asked = { ...context, model: facts.model }
    const demand = admit('request', asked)
    if (demand) settlement.hold = await deps.admission.enter(demand, asked, { id: exchange.requestId, model: facts.model, bodyBytes: body.bytes.length })
    if (principal.key.firstUsedAt === null) deps.keys.used(principal.key)
    ending = await tryAccounts(deps, exchange, { principal, body, facts, session: stickyKey(principal.key.id, session), settlement })
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  finally {
    body?.release()
    left?.()
  }
  logExchange(deps.logger, exchange, 'messages', ending, settlement?.close(ending) ?? null)
}

/** Answers with our own error, if anybody is still there to read it. */
export function refuse({ logger }: Pick<RelayDeps, 'logger'>, exchange: Exchange, error: unknown): Ending {
  if (error instanceof ClientGone || exchange.res.destroyed) return { status: 499, outcome: 'client_closed' }
  let refusal: RelayError
  if (error instanceof RelayError) refusal = error
  else {
    logger.error({ err: error, requestId: exchange.requestId }, 'a relay request failed unexpectedly')
    refusal = new RelayError('internal', 'The relay failed unexpectedly. The operator finds the cause in its log under this request id.')
  }
  if (exchange.res.headersSent) exchange.res.destroy()
  else sendError(exchange.res, refusal, exchange.requestId, exchange.ownHeaders)
  return { status: refusal.status, outcome: 'refused', error: { type: refusal.code, message: refusal.message } }
}
