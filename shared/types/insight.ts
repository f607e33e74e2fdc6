import type { AccountStateView, AccountView } from './api'

/** What changes about an account by itself. */
export type AccountLiveItem = Pick<AccountView, 'id' | 'enabled' | 'state' | 'inFlight' | 'weightShare' | 'lastUsedAt'>

/** One line of an account's history. */
export interface AccountEventView {
  id: string
  at: number
  from: AccountStateView['name'] | 'disabled'
  to: AccountStateView['name'] | 'disabled'
  reason: string | null
  evidence: string | null
  until: number | null
  /** Who did it, when it was a person. */
  byUserId: string | null
  byUserName: string | null
}

export interface AccountReason {
  /** Short code. */
  reason: string
  /** When that should end, or null. */
  until: number | null
}

/** What the scheduler would do with one account now. */
export interface AccountPosition {
  accountId: string
  /** Null: an account of somebody else. */
  name: string | null
  /**
   * `chosen`: new sessions come here. `standby`: it could serve, but others come first. `last_resort`: nothing else is left, so it
   * is tried in spite of its obstacle. `waits`: requests wait for a place. `passed_over`: it cannot serve.
   */
  position: 'chosen' | 'standby' | 'last_resort' | 'waits' | 'passed_over'
  /** Share of the new sessions that it gets now, 0 to 1. */
  share: number
  reasons: AccountReason[]
  priority: number
  weight: number
  inFlight: number
  maxConcurrency: number
}

export interface AccountWhyView extends AccountPosition {
  at: number
  model: string
  keyId: string | null
  groupName: string | null
  /** All accounts of the pool in the order in which they come, this one included. */
  pool: AccountPosition[]
}
