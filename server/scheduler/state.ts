import type { AccountState } from '../platforms/platform'

/** Something that happened to an account. `evidence` is a short text for people, without secrets. */
export type StateEvent
  /** An answer was delivered. */
  = | { kind: 'success' }
  /** A hiccup of the upstream or the way to it. */
    | { kind: 'transient', reason: string, evidence: string | null }
  /** An allowance is used up, of one model family or of all. `until` is the upstream's word, if it gave one. */
    | { kind: 'limited', reason: string, evidence: string | null, until: number | null, family: string | null }
  /** Credentials, permission or credit. `lasting`: only a person can mend it, so no probe is due. */
    | { kind: 'fault', reason: string, evidence: string | null, until: number | null, lasting?: true }
    | { kind: 'probe_ok' }
    | { kind: 'probe_failed', reason: string, evidence: string | null }
  /** The time of a limit or cooling is over. */
    | { kind: 'released' }

/** Consecutive hiccups that open the breaker. */
export const BREAKER_FAILURES = 3
const COOL_MS = { first: 5_000, most: 300_000 }
const LIMIT_MS = { first: 60_000, most: 1_800_000 }
const PROBE_MS = { first: 60_000, most: 1_800_000 }

const grown = ({ first, most }: { first: number, most: number }, step: number): number => Math.min(most, first * 2 ** Math.min(step, 20))

/** A new account's state. */
export const normalState = (since: number): AccountState => ({ name: 'normal', reason: null, evidence: null, since, until: null, nextProbe: null, failures: 0, modelLimits: {} })

/** The state after an event; the same object when nothing changes. Pure: all rules of design section 5 are here. */
export function nextState(state: AccountState, event: StateEvent, now: number): AccountState {
  switch (event.kind) {
    case 'success': return afterSuccess(state, now)
    case 'transient': return afterTransient(state, event, now)
    case 'limited': return afterLimit(state, event, now)
    case 'fault': return event.until !== null && event.until > now
      ? { ...state, name: 'limited', reason: event.reason, evidence: event.evidence, since: now, until: event.until, nextProbe: null, failures: state.failures + 1 }
      : { ...state, name: 'abnormal', reason: event.reason, evidence: event.evidence, since: state.name === 'abnormal' ? state.since : now, until: null, nextProbe: event.lasting ? null : now + grown(PROBE_MS, state.name === 'abnormal' ? state.failures : 0), failures: state.name === 'abnormal' ? state.failures + 1 : 1 }
    case 'probe_ok': return state.name === 'abnormal' ? { ...normalState(now), modelLimits: state.modelLimits } : state
    case 'probe_failed': return state.name === 'abnormal'
      ? { ...state, reason: event.reason, evidence: event.evidence, nextProbe: now + grown(PROBE_MS, state.failures), failures: state.failures + 1 }
      : state
    case 'released': return released(state, now)
  }
}

/** A late answer of an earlier request proves nothing against a limit or a fault that came after it was sent. */
function afterSuccess(state: AccountState, now: number): AccountState {
  if (state.name === 'normal') return state.failures === 0 ? state : { ...state, failures: 0 }
  if (state.name === 'abnormal') return state
  if (state.name === 'limited' && state.until !== null && state.until > now) return state
  return { ...normalState(now), modelLimits: state.modelLimits }
}

function afterTransient(state: AccountState, { reason, evidence }: { reason: string, evidence: string | null }, now: number): AccountState {
  if (state.name === 'abnormal' || (state.name === 'limited' && (state.until ?? 0) > now)) return state
  const failures = state.failures + 1
  if (failures < BREAKER_FAILURES && state.name === 'normal') return { ...state, failures }
  // Failures that were under way together when the breaker opened do not open it further.
  if (state.name === 'cooling' && (state.until ?? 0) > now) return { ...state, evidence }
  return { ...state, name: 'cooling', reason, evidence, since: state.name === 'cooling' ? state.since : now, until: now + grown(COOL_MS, Math.max(0, failures - BREAKER_FAILURES)), nextProbe: null, failures }
}

function afterLimit(state: AccountState, { reason, evidence, until, family }: { reason: string, evidence: string | null, until: number | null, family: string | null }, now: number): AccountState {
  if (state.name === 'abnormal') return state
  if (family !== null) return { ...state, modelLimits: { ...state.modelLimits, [family]: until ?? now + LIMIT_MS.first } }
  // Several requests may meet the same limit at once: only a limit after the last one's end makes the back-off grow.
  if (state.name === 'limited' && (state.until ?? 0) > now) return until !== null && until > (state.until ?? 0) ? { ...state, evidence, until } : state
  return { ...state, name: 'limited', reason, evidence, since: now, until: until ?? now + grown(LIMIT_MS, state.failures), nextProbe: null, failures: state.failures + 1 }
}

/** Tidies what is over. Only a success makes the back-offs start anew, so the failures stay. */
function released(state: AccountState, now: number): AccountState {
  const alive = Object.entries(state.modelLimits).filter(([, until]) => until > now)
  const tidy = alive.length === Object.keys(state.modelLimits).length ? state : { ...state, modelLimits: Object.fromEntries(alive) }
  if (state.name !== 'limited' || state.until === null || state.until > now) return tidy
  return { ...normalState(now), modelLimits: tidy.modelLimits, failures: state.failures }
}

/** How an account may be used now. `trial`: one request at a time, until one succeeds. */
export type Usability = 'yes' | 'trial' | 'limited' | 'cooling' | 'abnormal'

/** `until` is compared here; tasks only tidy. */
export function usability(state: AccountState, now: number): Usability {
  if (state.name === 'normal') return 'yes'
  if (state.name === 'abnormal') return 'abnormal'
  if (state.until !== null && state.until <= now) return state.name === 'cooling' ? 'trial' : 'yes'
  return state.name
}

/** Family of a Claude model's name (`claude-3-5-haiku-…` → `haiku`), or null. */
export const familyOf = (model: string): string | null => /^claude-(?:\d+(?:-\d+)?-)?([a-z]+)/.exec(model)?.[1] ?? null

/** Is the family of this model limited on the account? Returns the end, epoch-ms, or null. */
export function familyLimit(state: AccountState, model: string, now: number): number | null {
  const family = familyOf(model)
  const until = family === null ? undefined : state.modelLimits[family]
  return until !== undefined && until > now ? until : null
}
