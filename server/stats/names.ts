import type { BreakdownKind } from '#shared/schemas/stats'
import type { StatsBreakdownRow } from '#shared/types/stats'
import type { Named, NamesRepo } from '../db/repos/names'
import type { SessionGroup, Totals } from '../db/repos/usage'
import type { Actor } from '../users/actor'
import { amountsOf } from './amounts'

type Group = Totals & { id: string } & Partial<SessionGroup>

/** Rows of a breakdown with their names. An account is named to its owner and to admins only. */
export async function namedGroups(names: NamesRepo, actor: Actor, by: BreakdownKind, groups: readonly Group[]): Promise<StatsBreakdownRow[]> {
  if (by === 'model') return groups.map(group => ({ id: group.id, name: group.id || null, deleted: false, ...amountsOf(group) }))
  if (by === 'session' || by === 'agent') {
    const keys = await names('key', groups.map(({ keyId = '' }) => keyId))
    return groups.map((group) => {
      const { id, keyId = '', agentId = '', firstAt = 0, lastAt = 0 } = group
      const session = { keyId, keyName: keys.get(keyId)?.name ?? null, sessionId: id, agentId, firstAt, lastAt }
      return { id, name: null, deleted: false, ...amountsOf(group), session }
    })
  }
  const found = await names(by, groups.map(({ id }) => id))
  const mayKnow = (named: Named | undefined) => by !== 'account' || actor.role === 'admin' || named?.ownerId === actor.id
  return groups.map((group) => {
    const named = found.get(group.id)
    return { id: group.id, name: mayKnow(named) ? named?.name ?? null : null, deleted: named?.deleted ?? false, ...amountsOf(group) }
  })
}
