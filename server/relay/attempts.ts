import type { AccountDirectory } from '../accounts/directory'
import type { AccountStates } from '../accounts/states'
import type { JournalTurn } from '../billing/journal-turn'
import type { Principal } from '../keys/principal'
import type { Logger } from '../lib/logger'
import type { PoolAccount } from '../platforms/platform'
import type { Assign } from '../scheduler/assign'
import { sift, type Skipped } from '../scheduler/choose'
import type { MissingModels } from '../scheduler/missing-models'
import type { Seat } from '../scheduler/rooms'
import type { Sticky } from '../scheduler/sticky'
import { ClientGone, type HeldBody } from './body'
import type { Ending } from './ending'
import type { Exchange } from './exchange'
import { deliverFinal, lastWord, type Failure } from './final'
import { judgedAttempt, type JudgedAttempt, type JudgedAttemptDeps } from './judged-attempt'
import type { Peeked } from './peek'
import type { Settlement } from './settle'
import { ClientWriter } from './writer'

export interface AttemptsDeps extends JudgedAttemptDeps {
  pool: AccountDirectory
  assign: Assign
  states: AccountStates
  missing: MissingModels
  sticky: Sticky
  turn: JournalTurn
  logger: Logger
  /** Accounts tried for one request, and milliseconds from arrival after which no new one is begun. */
  maxAttempts: number
  attemptWindowMs: number
  /** Tells that a key and an account were used now. */
  touch(keyId: string, accountId: string): void
}

/** A request that passed all limits. */
export interface Admitted {
  principal: Principal
  body: HeldBody
  facts: Peeked
  /** Sticky key. */
  session: string | null
  settlement: Settlement
}

/** Made once: an abort without a reason builds an error with its stack each time. */
const LEFT = new ClientGone('The client left.')

/**
 * The attempt loop: account after account, each from the untouched original, until an answer begins or is the client's own
 * matter. Says the last word when none did.
 */
export async function tryAccounts(deps: AttemptsDeps, exchange: Exchange, admitted: Admitted): Promise<Ending> {
  const { facts, settlement, principal } = admitted
  const writer = new ClientWriter({ res: exchange.res, stream: facts.stream, requestId: exchange.requestId, arrivedAt: exchange.startedAt, ownHeaders: exchange.ownHeaders, clock: deps.clock, limits: deps.limits, turn: deps.turn })
  const left = new AbortController()
  const onClose = (): void => {
    if (!exchange.res.writableFinished) left.abort(LEFT)
  }
  exchange.res.on('close', onClose)
  deps.watch.add(writer)
  const candidates = (): readonly PoolAccount[] => deps.pool.candidates(principal)
  const tried = new Set<string>()
  const failures: Failure[] = []
  try {
    while (tried.size < deps.maxAttempts && (tried.size === 0 || deps.clock.now() - exchange.startedAt < deps.attemptWindowMs)) {
      const { seat, skipped: passed } = await deps.assign({ candidates, groupId: principal.group?.id ?? null, model: facts.model, session: admitted.session, tried, get signal() {
        return left.signal
      } })
      note(settlement, passed.filter(({ account }) => account !== seat?.account), tried)
      if (writer.gone) {
        seat?.release()
        return { status: 499, outcome: 'client_closed' }
      }
      if (!seat) break
      tried.add(seat.account.id)
      const ending = await useSeat(deps, exchange, admitted, writer, seat, failures)
      if (ending) return ending
    }
    const now = deps.clock.now()
    // Anew: the accounts that were tried have other states by now.
    const { skipped } = sift(candidates(), { model: facts.model, tried: new Set(), lacks: deps.missing.lacks, now })
    return deliverFinal(writer, exchange, lastWord(failures, skipped, { model: facts.model, now, accounts: candidates().length }))
  }
  finally {
    exchange.res.off('close', onClose)
    deps.watch.remove(writer)
    writer.detach()
  }
}

/** One attempt and what follows from it. Null: on to the next account. */
async function useSeat(deps: AttemptsDeps, exchange: Exchange, admitted: Admitted, writer: ClientWriter, seat: Seat, failures: Failure[]): Promise<Ending | null> {
  const { account } = seat
  const { facts, session, settlement, body, principal } = admitted
  let attempted: JudgedAttempt
  try {
    deps.touch(principal.key.id, account.id)
    attempted = await judgedAttempt(deps, {
      exchange, writer, account, body: body.bytes, facts, settlement,
      onFirstByte() {
        body.release()
        if (session !== null) keep(deps, deps.sticky.confirm(session, account.id))
      },
    })
    // Before the place is free, so that nobody takes it on the word of the old state.
    if (attempted.judged.event) deps.states.apply(account, attempted.judged.event)
  }
  finally {
    seat.release()
  }
  const { result, judged: { verdict, reason } } = attempted
  settlement.judged({ verdict, status: result.status, reason })
  if (reason === 'model_missing') deps.missing.note(account.id, facts.model)
  if (session !== null && !['deliver', 'stop', 'pass'].includes(verdict)) await deps.sticky.drop(session, account.id)
  switch (result.kind) {
    case 'complete': return { status: result.status ?? 200, outcome: 'ok' }
    case 'client_closed': return { status: 499, outcome: 'client_closed' }
    case 'broken_off': return { status: result.status ?? 200, outcome: 'upstream_error', error: result.error }
    case 'truncated': return { status: result.status ?? 200, outcome: 'truncated', error: { type: result.error.code, message: result.error.message } }
    case 'failed':
      failures.push({ verdict, reason, error: result.error, rejection: result.rejection })
      return null
    case 'rejected':
      failures.push({ verdict, reason, error: null, rejection: result.rejection })
      return verdict === 'pass' ? deliverFinal(writer, exchange, { rejection: result.rejection }) : null
  }
}

/** Skipped accounts stand in the row once, with their first reason. */
function note(settlement: Settlement, skipped: readonly Skipped[], tried: ReadonlySet<string>): void {
  for (const { account: { id, name }, reason } of skipped) {
    if (!tried.has(id) && !settlement.attempts.some(({ accountId }) => accountId === id)) settlement.attempts.push({ accountId: id, accountName: name, verdict: 'skipped', status: null, ms: null, reason })
  }
}

function keep({ logger }: AttemptsDeps, work: Promise<void>): void {
  work.catch((error: unknown) => logger.warn({ err: error }, 'a session could not be kept on its account'))
}
