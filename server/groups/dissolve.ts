import { problem } from '#shared/schemas/errors'
import type { GroupDeleteQuery } from '#shared/schemas/group'
import type { AccountsService } from '../accounts/service'
import type { Repos } from '../db/repos/index'
import type { KeysService } from '../keys/service'
import { invalid } from '../lib/errors'
import type { Actor } from '../users/actor'
import { ownerOf } from '../users/owner'
import { placeInPool, type GroupsService } from './service'

export interface DissolveDeps {
  repos: Repos
  groups: GroupsService
  accounts: Pick<AccountsService, 'update'>
  keys: Pick<KeysService, 'update'>
}

/** Where members go: into another group, into the shared pool (null), or nowhere: they are disabled and stay with the group that is gone. */
type Fate = { disable: true } | { disable: false, groupId: string | null }

/** Takes a group away together with what becomes of its accounts and keys. */
export function createDissolve({ repos, groups, accounts, keys }: DissolveDeps) {
  /**
   * Throws `in_use` when nothing is said of members that there are, and `validation` or `forbidden` for a place where they may not
   * go, before anything is changed. Each member's change is a change of its own in the audit log.
   */
  return async (actor: Actor, id: string, said: GroupDeleteQuery): Promise<void> => {
    const group = await groups.require(actor, id)
    const owner = await ownerOf(repos, actor, group.ownerId)
    const members = { accounts: await repos.accounts.idsInGroup(id), keys: await repos.apiKeys.idsInGroup(id) }
    const fates = {
      accounts: members.accounts.length ? await fateOf(repos, group, said.accounts, 'accounts', actor.role === 'admin') : null,
      keys: members.keys.length ? await fateOf(repos, group, said.keys, 'keys', owner.sharedPool) : null,
    }
    if ((members.accounts.length && !fates.accounts) || (members.keys.length && !fates.keys)) return groups.remove(actor, id)
    const left = { accounts: 0, keys: 0 }
    if (fates.accounts) {
      for (const accountId of members.accounts) await accounts.update(actor, accountId, patchOf(fates.accounts))
      if (fates.accounts.disable) left.accounts = members.accounts.length
    }
    if (fates.keys) {
      for (const keyId of members.keys) await keys.update(actor, keyId, patchOf(fates.keys))
      if (fates.keys.disable) left.keys = members.keys.length
    }
    await groups.remove(actor, id, left)
  }
}

async function fateOf(repos: Repos, { id, ownerId }: { id: string, ownerId: string }, said: string | undefined, field: 'accounts' | 'keys', mayShare: boolean): Promise<Fate | null> {
  if (said === undefined) return null
  if (said === 'disable') return { disable: true }
  if (said === id) throw invalid([problem(field, 'errors.groupUnknown')])
  return { disable: false, groupId: await placeInPool(repos, ownerId, said === 'shared' ? null : said, mayShare, field) }
}

const patchOf = (fate: Fate): { enabled: false } | { groupId: string | null } => fate.disable ? { enabled: false } : { groupId: fate.groupId }
