import { stateOf } from '../../accounts/state-columns'
import type { AccountRow } from '../../db/repos/accounts'
import type { GroupRow } from '../../db/repos/groups'
import type { AccountState } from '../../platforms/platform'
import { usability } from '../../scheduler/state'
import type { Standing, Standings } from './look'

/** Who is back so soon is not missed: a short limit or a pause after some failures is no news. */
const SOON_MS = 60_000

/** Pools whose enabled accounts are all out. A pool without one was emptied by a person, who knows. */
export function lookAtPools(accounts: readonly AccountRow[], groups: readonly GroupRow[], now: number): Standings {
  const members = new Map<string | null, AccountState[]>()
  for (const row of accounts) {
    if (row.enabled) members.set(row.groupId, [...members.get(row.groupId) ?? [], stateOf(row)])
  }
  const standings: Standings = new Map()
  for (const [groupId, states] of members) {
    if (groupId === null) {
      standings.set('pool:shared', standing('pool:shared', null, states, now))
      continue
    }
    const group = groups.find(({ id }) => id === groupId)
    if (group?.enabled) standings.set(`pool:${groupId}`, standing(`pool:${groupId}`, group, states, now))
  }
  return standings
}

function standing(subject: string, group: GroupRow | null, states: readonly AccountState[], now: number): Standing {
  const about = { at: now, group: group && { id: group.id, name: group.name }, accounts: states.length }
  if (states.some(state => usability(state, now) === 'yes')) return { state: 'right', facts: { event: 'pool_usable', ...about, backAt: null } }
  if (states.some(state => state.name !== 'abnormal' && (state.until ?? 0) <= now + SOON_MS)) return { state: 'between' }
  const returns = states.flatMap(({ name, until }) => (name === 'abnormal' || until === null ? [] : [until]))
  const backAt = returns.length > 0 ? Math.min(...returns) : null
  const facts = { event: 'pool_unusable' as const, ...about, backAt }
  return { state: 'wrong', occasion: { event: 'pool_unusable', subject, audience: group ? { ownerId: group.ownerId } : 'admins', facts } }
}
