import { newId } from '#server/lib/id'
import type { AccountState } from '#server/platforms/platform'
import { nextState, normalState, type StateEvent } from '#server/scheduler/state'
import { stateColumns } from '#server/accounts/state-columns'
import type { Stage } from './seed'
import { windowsAt } from './windows'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const overloaded: StateEvent = { kind: 'transient', reason: 'overloaded', evidence: '529: Overloaded' }
const badGateway: StateEvent = { kind: 'transient', reason: 'server_error', evidence: '502: Bad gateway' }
const refused: StateEvent = { kind: 'fault', reason: 'unauthorized', evidence: '401: invalid x-api-key', until: null }
const limited = (until: number): StateEvent => ({ kind: 'limited', reason: 'rate_limited', evidence: '429: This request would exceed your account\'s rate limit.', until, family: null })

/** When the accounts that serve nobody now ceased to, in milliseconds before the demo's present. */
export const outFor: Readonly<Record<string, number>> = { trial: 38 * MINUTE, old: 52 * HOUR }

/** What happened to accounts, by the milliseconds before the demo's present at which it did. The product's own rules make states of it. */
function happened(now: number): Record<string, [ago: number, event: StateEvent][]> {
  const bout = (ago: number, event: StateEvent): [number, StateEvent][] => [[ago, event], [ago - 2_000, event], [ago - 5_000, event], [ago - 3 * MINUTE, { kind: 'success' }]]
  return {
    'mirror': [...bout(9 * 24 * HOUR, badGateway), ...bout(52 * HOUR, overloaded), ...bout(5 * HOUR, overloaded)],
    'backend-api': [...bout(30 * HOUR, badGateway), ...bout(3 * HOUR, overloaded)],
    'max-1': [[76 * HOUR, limited(now - 74 * HOUR)], [74 * HOUR, { kind: 'released' }]],
    'trial': [[26 * HOUR, limited(now - 21 * HOUR)], [21 * HOUR, { kind: 'released' }], [outFor.trial!, limited(now + 142 * MINUTE)]],
    'old': [[outFor.old!, refused], [51 * HOUR, { kind: 'probe_failed', reason: 'unauthorized', evidence: '401: invalid x-api-key' }], [11 * MINUTE, { kind: 'probe_failed', reason: 'unauthorized', evidence: '401: invalid x-api-key' }]],
  }
}

/** Puts accounts into the states that their past led to, and writes that past. `ids`: of rows, by the cast's. */
export async function putIntoStates({ runtime: { repos }, now }: Pick<Stage, 'runtime' | 'now'>, ids: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, id] of ids) {
    const windows = windowsAt(name, now)
    if (windows.length > 0) await repos.accounts.update(id, { windows: JSON.stringify({ at: now - 4 * MINUTE, windows }) })
  }
  for (const [name, events] of Object.entries(happened(now))) {
    const accountId = ids.get(name)!
    let state: AccountState = normalState(now - 30 * 24 * HOUR)
    for (const [ago, event] of events) {
      const at = now - ago
      const next = nextState(state, event, at)
      if (next.name !== state.name) {
        const told = next.name === 'normal' ? { reason: event.kind === 'success' ? 'worked' : 'time_over', evidence: null } : { reason: next.reason, evidence: next.evidence }
        await repos.accountEvents.insert({ id: newId(), accountId, at, fromState: state.name, toState: next.name, ...told, until: next.until, byUserId: null })
      }
      state = next
    }
    await repos.accounts.update(accountId, stateColumns(state))
  }
}
