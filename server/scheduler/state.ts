import type { AccountState } from '../platforms/platform'

/** A new account's state. */
export const normalState = (since: number): AccountState => ({ name: 'normal', reason: null, evidence: null, since, until: null, nextProbe: null })

/** May the account take a request now? A state with an end counts as normal from its end on; tasks only tidy. */
export function isUsable(state: AccountState, now: number): boolean {
  if (state.name === 'normal') return true
  return state.name !== 'abnormal' && state.until !== null && state.until <= now
}
