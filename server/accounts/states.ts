import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'
import type { Logger } from '../lib/logger'
import { redactText } from '../lib/redact'
import type { AccountState, PoolAccount } from '../platforms/platform'
import { nextState, type StateEvent } from '../scheduler/state'
import { stateColumns } from './state-columns'

/** Takes in what happens to accounts: in force here at once, then written, with its reason, into the history. */
export interface AccountStates {
  apply(account: PoolAccount, event: StateEvent): void
  /** The newer of a row's state and one that is still to be written. `known`: the state in memory. */
  reconcile(accountId: string, fromRow: AccountState, known?: AccountState): AccountState
  /** Writes what is waiting; rejects never. */
  flush(): Promise<void>
  stop(): Promise<void>
}

interface Change {
  from: AccountState
  to: AccountState
  at: number
  /** For the history; evidence is short and without secrets. */
  reason: string | null
  evidence: string | null
  /** The row got a newer state meanwhile, by hand or from another instance: this one is history only. */
  superseded: boolean
  /** Only the count of failures is cleared. */
  countOnly: boolean
}

const MAX_EVIDENCE = 300
const RETRY_MS = 1_000

export interface StatesDeps {
  repos: Pick<Repos, 'accounts' | 'accountEvents'>
  clock: Clock
  logger: Logger
  /** Tells other instances that the row changed. */
  announce(accountId: string): Promise<void>
}

export function createAccountStates({ repos, clock, logger, announce }: StatesDeps): AccountStates {
  const waiting = new Map<string, Change[]>()
  /** The count of failures that each account's row has. */
  const rowFailures = new Map<string, number>()
  let writing: Promise<void> | null = null
  let retry: NodeJS.Timeout | null = null

  /** Changes leave the line one by one as they reach the history, so that a second try repeats none. */
  async function write(id: string, changes: Change[]): Promise<void> {
    do {
      const last = changes.at(-1)
      let left = changes.length
      if (last && !last.superseded) {
        if (changes.every(({ countOnly }) => countOnly)) await repos.accounts.clearFailures(id, last.to.since)
        else await repos.accounts.update(id, stateColumns(last.to))
        rowFailures.set(id, last.to.failures)
      }
      for (; left > 0; left--) {
        const { from, to, at, reason, evidence } = changes[0]!
        if (tells(from, to)) await repos.accountEvents.insert({ id: newId(), accountId: id, at, fromState: from.name, toState: to.name, reason, evidence, until: to.until ?? newestModelLimit(to), byUserId: null })
        changes.shift()
      }
      await announce(id)
    } while (changes.length > 0)
    waiting.delete(id)
  }

  /** Goes on until nothing waits; an account whose state can't be written keeps no other one waiting. */
  async function drain(): Promise<void> {
    for (const [id, changes] of waiting) {
      try {
        await write(id, changes)
      }
      catch (error) {
        logger.warn({ err: error, accountId: id }, 'the state of an account could not be written and is tried again')
      }
    }
    writing = null
    if (waiting.size > 0) retry ??= setTimeout(() => {
      retry = null
      void flush()
    }, RETRY_MS).unref()
  }

  async function flush(): Promise<void> {
    if (waiting.size > 0) await (writing ??= drain())
  }

  return {
    apply(account, event) {
      const now = clock.now()
      const from = account.state
      const to = trimmed(nextState(from, event, now))
      if (to === from) return
      account.state = to
      const countOnly = !matters(from, to)
      if (countOnly && (to.failures > 0 || !rowFailures.get(account.id))) return
      if (tells(from, to)) logger.info({ accountId: account.id, from: from.name, to: to.name, reason: to.reason, until: to.until }, 'account state')
      const change = { from, to, at: now, ...causeOf(from, to, event), superseded: false, countOnly }
      const changes = waiting.get(account.id)
      if (changes) changes.push(change)
      else waiting.set(account.id, [change])
      void flush()
    },
    reconcile(accountId, fromRow, known) {
      const rowBefore = rowFailures.get(accountId)
      rowFailures.set(accountId, fromRow.failures)
      const changes = waiting.get(accountId) ?? []
      const pending = changes.at(-1)?.to
      if (pending && pending.since >= fromRow.since) return pending
      for (const change of changes) change.superseded = true
      const isSame = known?.name === 'normal' && fromRow.name === 'normal' && known.since === fromRow.since && rowBefore === fromRow.failures
      return isSame ? { ...fromRow, failures: known.failures } : fromRow
    },
    flush,
    async stop() {
      if (retry) clearTimeout(retry)
      await flush()
    },
  }
}

/** Evidence is an upstream's own text: without secrets, and short. */
const shorten = (evidence: string): string => redactText(evidence).slice(0, MAX_EVIDENCE)

/** Why a state changed. A state that got better says nothing of it itself, and a limit of one model family leaves it as it is. */
function causeOf(from: AccountState, to: AccountState, event: StateEvent): Pick<Change, 'reason' | 'evidence'> {
  if (event.kind === 'limited' && event.family !== null && from.name === to.name) return { reason: 'model_limited', evidence: shorten([event.family, event.evidence].filter(Boolean).join(': ')) }
  if (to.name !== 'normal') return { reason: to.reason, evidence: to.evidence }
  if (event.kind === 'released') return { reason: from.name === 'normal' ? 'model_limit_over' : 'time_over', evidence: null }
  return { reason: event.kind === 'probe_ok' ? 'probe_ok' : 'worked', evidence: null }
}

function trimmed(state: AccountState): AccountState {
  if (state.evidence === null) return state
  const evidence = shorten(state.evidence)
  return evidence === state.evidence ? state : { ...state, evidence }
}

/** Counting failures below the breaker's threshold is each instance's own; that a success clears a count in the row is not. */
const matters = (a: AccountState, b: AccountState): boolean => a.name !== b.name || a.until !== b.until || a.nextProbe !== b.nextProbe || a.reason !== b.reason || a.modelLimits !== b.modelLimits

/** Is the change one for the history? */
const tells = (a: AccountState, b: AccountState): boolean => a.name !== b.name || a.reason !== b.reason || (a.name === b.name && a.name === 'cooling' && a.until !== b.until) || a.modelLimits !== b.modelLimits

const newestModelLimit = ({ modelLimits }: AccountState): number | null => {
  const ends = Object.values(modelLimits)
  return ends.length > 0 ? Math.max(...ends) : null
}
