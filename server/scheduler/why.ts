import type { PoolAccount } from '../platforms/platform'
import { chances, lastResort, obstacles, sift, type Obstacle, type Wanted } from './choose'
import type { Refusal } from './rooms'

/**
 * `chosen`: new sessions come here. `standby`: it could serve, but others come first. `last_resort`: nothing else is left,
 * so it is tried in spite of its obstacle. `waits`: requests wait for a place. `passed_over`: it cannot serve.
 */
export type Position = 'chosen' | 'standby' | 'last_resort' | 'waits' | 'passed_over'

/**
 * What speaks against an account now; `until` is when that should end, epoch-ms, or null. `group`: the key draws from another pool;
 * `group_disabled`: no key of its group is admitted.
 */
export interface Reason {
  reason: Obstacle | 'priority' | 'weight' | 'group' | 'group_disabled'
  until: number | null
}

export interface Explanation {
  account: PoolAccount
  position: Position
  /** Share of the new sessions that it gets now, 0 to 1. */
  share: number
  /** Everything that speaks against it, the first cause first. */
  reasons: Reason[]
}

/**
 * What the scheduler would do with each account of a pool for a request without a session. `refusals`: by id, the fit accounts
 * that have no place now.
 */
export function explainPool(candidates: readonly PoolAccount[], wanted: Wanted, refusals: ReadonlyMap<string, Refusal>): Explanation[] {
  const { fit, skipped } = sift(candidates, wanted)
  const open = fit.filter(({ id }) => !refusals.has(id))
  const refused = fit.flatMap((account) => {
    const reason = refusals.get(account.id)
    return reason ? { account, reason, until: null } : []
  })
  const shares = open.length > 0 ? chances(open) : new Map<string, number>()
  const full = refused.some(({ reason }) => reason === 'room')
  const last = open.length > 0 || full ? null : lastResort([...skipped, ...refused])

  return candidates.map((account): Explanation => {
    const share = shares.get(account.id) ?? 0
    const reasons: Reason[] = [...obstacles(account, wanted), ...refused.filter(one => one.account === account).map(({ reason, until }) => ({ reason, until }))]
    if (reasons.length > 0) {
      const waits = open.length === 0 && reasons.every(({ reason }) => reason === 'room')
      return { account, share, reasons, position: account === last ? 'last_resort' : waits ? 'waits' : 'passed_over' }
    }
    if (share > 0) return { account, share, reasons, position: 'chosen' }
    return { account, share, reasons: [{ reason: shares.has(account.id) ? 'weight' : 'priority', until: null }], position: 'standby' }
  })
}
