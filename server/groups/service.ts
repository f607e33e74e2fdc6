import { problem } from '#shared/schemas/errors'
import type { GroupCreateInput, GroupListQuery, GroupPatchInput } from '#shared/schemas/group'
import type { GroupView, ListOf } from '#shared/types/api'
import type { GroupRow } from '../db/repos/groups'
import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalid } from '../lib/errors'
import { newId } from '../lib/id'
import { requireOwned, visibleOwner, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'

export interface GroupsDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  audit: Audit
}

/** Named pools of accounts and the keys that draw from them. */
export function createGroupsService({ repos, clock, changes, audit }: GroupsDeps) {
  const find = async (actor: Actor, id: string): Promise<GroupRow> => requireOwned(actor, await repos.groups.get(id), 'group')

  async function views(rows: GroupRow[]): Promise<GroupView[]> {
    const ids = rows.map(row => row.id)
    const [owners, accounts, keys] = await Promise.all([
      repos.users.names([...new Set(rows.map(row => row.ownerId))]),
      repos.accounts.countByGroup(ids),
      repos.apiKeys.countByGroup(ids),
    ])
    return rows.map(({ id, ownerId, name, remark, enabled, multiplierBp, priceBy, createdAt, updatedAt }) => ({
      id, ownerId, ownerName: owners.get(ownerId) ?? null, name, remark, enabled, multiplierBp, priceBy,
      accountCount: accounts.get(id) ?? 0, keyCount: keys.get(id) ?? 0, createdAt, updatedAt,
    }))
  }

  const view = async (row: GroupRow): Promise<GroupView> => (await views([row]))[0] as GroupView

  return {
    async list(actor: Actor, query: GroupListQuery): Promise<ListOf<GroupView>> {
      const { rows, nextCursor } = await repos.groups.list({ ...query, ownerId: visibleOwner(actor, query.ownerId) })
      return { items: await views(rows), nextCursor }
    },

    get: async (actor: Actor, id: string): Promise<GroupView> => view(await find(actor, id)),

    async create(actor: Actor, input: GroupCreateInput): Promise<GroupView> {
      const now = clock.now()
      const row: GroupRow = {
        id: newId(), ownerId: actor.id, name: input.name, remark: input.remark ?? null, enabled: input.enabled,
        multiplierBp: input.multiplierBp, priceBy: input.priceBy, createdAt: now, updatedAt: now, deletedAt: null,
      }
      await repos.groups.insert(row)
      await changes.emit('group', row.id)
      const after = await view(row)
      await audit(actor, { action: 'group.create', target: targetOf(row), after })
      return after
    },

    async update(actor: Actor, id: string, input: GroupPatchInput): Promise<GroupView> {
      const row = await find(actor, id)
      const before = await view(row)
      const patch = { ...input, updatedAt: clock.now() }
      await repos.groups.update(id, patch)
      await changes.emit('group', id)
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'group.update', target: targetOf(row), before, after })
      return after
    },

    /** The row, when the actor may use it; throws `not_found` otherwise. */
    require: find,

    /** Throws `in_use` while more accounts or keys are in the group than are left behind, disabled. */
    async remove(actor: Actor, id: string, left = { accounts: 0, keys: 0 }): Promise<void> {
      const before = await view(await find(actor, id))
      const { accountCount: accounts, keyCount: keys } = before
      if (accounts > left.accounts || keys > left.keys) throw new AppError('in_use', `The group still holds ${accounts} accounts and ${keys} keys. Say what becomes of them, or move them first.`, { details: { accounts, keys } })
      await repos.groups.remove(id, clock.now())
      await changes.emit('group', id)
      await audit(actor, { action: 'group.delete', target: targetOf(before), before })
    },
  }
}

export type GroupsService = ReturnType<typeof createGroupsService>

/**
 * Checks where an account or key may go: into a group of its own owner, or, without a group, into the shared pool
 * when `mayShare`. Returns the id as stored. `field`: where a problem is shown.
 */
export async function placeInPool(repos: Repos, ownerId: string, groupId: string | null, mayShare: boolean, field = 'groupId'): Promise<string | null> {
  if (groupId === null) {
    if (mayShare) return null
    const missing = problem(field, 'errors.groupRequired')
    throw new AppError('forbidden', 'A group is required: you may not use the shared pool.', { details: [missing] })
  }
  const group = await repos.groups.get(groupId)
  if (group?.ownerId !== ownerId) throw invalid([problem(field, 'errors.groupUnknown')])
  return groupId
}

const targetOf = ({ id, name }: { id: string, name: string }) => ({ type: 'group' as const, id, name })
