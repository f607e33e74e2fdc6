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
  /** The newer of a row's state and one that is still to be written. */
  reconcile(accountId: string, fromRow: AccountState): AccountState
  /** Writes what is waiting; rejects never. */
  flush(): Promise<void>
  stop(): Promise<void>
}

interface Change {
  from: AccountState
  to: AccountState
  at: number
  /** The row got a newer state meanwhile, by hand or from another instance: this one is history only. */
  superseded: boolean
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
  let writing: Promise<void> | null = null
  let retry: NodeJS.Timeout | null = null

  /** Changes leave the line one by one as they reach the history, so that a second try repeats none. */
  async function write(id: string, changes: Change[]): Promise<void> {
    do {
      const last = changes.at(-1)
      let left = changes.length
      if (last && !last.superseded) await repos.accounts.update(id, stateColumns(last.to))
      for (; left > 0; left--) {
        const { from, to, at } = changes[0]!
        if (tells(from, to)) await repos.accountEvents.insert({ id: newId(), accountId: id, at, fromState: from.name, toState: to.name, reason: to.reason, evidence: to.evidence, until: to.until ?? newestModelLimit(to), byUserId: null })
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
      if (!matters(from, to)) return
      if (tells(from, to)) logger.info({ accountId: account.id, from: from.name, to: to.name, reason: to.reason, until: to.until }, 'account state')
      const change = { from, to, at: now, superseded: false }
      const changes = waiting.get(account.id)
      if (changes) changes.push(change)
      else waiting.set(account.id, [change])
      void flush()
    },
    reconcile(accountId, fromRow) {
      const changes = waiting.get(accountId) ?? []
      const pending = changes.at(-1)?.to
      if (pending && pending.since >= fromRow.since) return pending
      for (const change of changes) change.superseded = true
      return fromRow
    },
    flush,
    async stop() {
      if (retry) clearTimeout(retry)
      await flush()
    },
  }
}

/** Evidence is an upstream's own text: without secrets, and short. */
function trimmed(state: AccountState): AccountState {
  if (state.evidence === null) return state
  const evidence = redactText(state.evidence).slice(0, MAX_EVIDENCE)
  return evidence === state.evidence ? state : { ...state, evidence }
}

/** Counting failures below the breaker's threshold is each instance's own. */
const matters = (a: AccountState, b: AccountState): boolean => a.name !== b.name || a.until !== b.until || a.nextProbe !== b.nextProbe || a.reason !== b.reason || a.modelLimits !== b.modelLimits

/** Is the change one for the history? */
const tells = (a: AccountState, b: AccountState): boolean => a.name !== b.name || a.reason !== b.reason || (a.name === b.name && a.name === 'cooling' && a.until !== b.until) || a.modelLimits !== b.modelLimits

const newestModelLimit = ({ modelLimits }: AccountState): number | null => {
  const ends = Object.values(modelLimits)
  return ends.length > 0 ? Math.max(...ends) : null
}
