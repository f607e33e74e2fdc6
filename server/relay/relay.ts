import type { AccountDirectory } from '../accounts/directory'
import { authenticate } from '../keys/authenticate'
import type { KeyDirectory } from '../keys/directory'
import type { Principal } from '../keys/principal'
import type { Logger } from '../lib/logger'
import { admit } from '../limits/index'
import type { PoolAccount } from '../platforms/platform'
import type { createChooser } from '../scheduler/choose'
import { stickyKey, type Sticky } from '../scheduler/sticky'
import { attempt, type AttemptDeps } from './attempt'
import { ClientGone, readBody, type BufferBudget, type HeldBody } from './body'
import { RelayError, sendError } from './errors'
import type { Exchange } from './exchange'
import { openRequest, sessionHeader } from './facts'
import { logExchange } from './line'
import { endingOf, type Ending } from './ending'
import { peek, type Peeked } from './peek'
import { Settlement, type SettleDeps } from './settle'

export interface RelayDeps extends AttemptDeps, SettleDeps {
  keys: KeyDirectory
  pool: AccountDirectory
  choose: ReturnType<typeof createChooser>
  sticky: Sticky
  budget: BufferBudget
  maxBodyBytes: number
  /** Tells that a key and an account were used now. */
  touch(keyId: string, accountId: string): void
  logger: Logger
}

export type Call = 'messages' | 'count_tokens'

/** Relays one call: enter, authenticate, admit, choose, send, stream, settle. Never rejects. */
export async function relay(deps: RelayDeps, exchange: Exchange, call: Call): Promise<void> {
  let settlement: Settlement | null = null
  let body: HeldBody | null = null
  let ending: Ending
  try {
    const principal = await authenticate(exchange.req.headers, exchange.ip, deps.keys)
    if (call === 'messages') settlement = new Settlement(deps, openRequest(exchange, principal), principal.group)
    const context = { principal, ip: exchange.ip, now: exchange.startedAt }
    admit('key', { ...context, model: null })
    body = await readBody(exchange.req, deps.maxBodyBytes, deps.budget)
    const facts = peek(body.bytes, exchange.req.headers['content-encoding'], deps.maxBodyBytes)
    const session = sessionHeader(exchange) ?? facts.session
    if (settlement) Object.assign(settlement.request, { model: facts.model.slice(0, 200), stream: facts.stream, sessionId: session })
    admit('request', { ...context, model: facts.model })
    ending = await forward(deps, exchange, { principal, body, facts, session: stickyKey(principal.key.id, session), settlement })
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  finally {
    body?.release()
  }
  logExchange(deps.logger, exchange, call, ending, settlement?.close(ending) ?? null)
}

interface Admitted {
  principal: Principal
  body: HeldBody
  facts: Peeked
  /** Sticky key. */
  session: string | null
  settlement: Settlement | null
}

async function forward(deps: RelayDeps, exchange: Exchange, admitted: Admitted): Promise<Ending> {
  const { principal, body, facts, session, settlement } = admitted
  const { account, skipped } = await deps.choose({ candidates: deps.pool.candidates(principal), model: facts.model, session, tried: new Set(), now: deps.clock.now() })
  settlement?.attempts.push(...skipped.map(({ account: { id, name }, reason }) => ({ accountId: id, accountName: name, verdict: 'skipped', status: null, ms: null, reason })))
  if (!account) throw noAccount(facts.model, skipped.length > 0)
  settlement?.open(account)
  deps.touch(principal.key.id, account.id)
  const { end, status } = await attempt(deps, {
    exchange, account, body: body.bytes, stream: facts.stream, settlement,
    onFirstByte() {
      body.release()
      if (session !== null) void confirm(deps, session, account)
    },
  })
  const ending = endingOf(end, status, settlement?.reading ?? null)
  settlement?.judged({ verdict: ending.verdict, status, reason: ending.error?.type ?? null })
  if (end.kind === 'failed') {
    if (session !== null) await deps.sticky.drop(session)
    sendError(exchange.res, end.error, exchange.requestId, exchange.ownHeaders)
  }
  return ending
}

async function confirm(deps: RelayDeps, session: string, account: PoolAccount): Promise<void> {
  try {
    await deps.sticky.confirm(session, account.id)
  }
  catch (error) {
    deps.logger.warn({ err: error }, 'a session could not be kept on its account')
  }
}

const noAccount = (model: string, some: boolean): RelayError => new RelayError('pool_empty', some
  ? `No account of this key's pool can take ${model} right now. Try again later or ask the operator.`
  : 'This key\'s pool has no accounts. Ask the operator to add one.')

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
  return { status: refusal.status, outcome: refusal.code === 'pool_empty' || refusal.code === 'pool_wait' ? 'no_account' : 'refused', verdict: 'pass', error: { type: refusal.code, message: refusal.message } }
}
