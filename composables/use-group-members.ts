import type { AccountView, GroupView, KeyView, ListOf } from '#shared/types/api'

export type MemberKind = 'accounts' | 'keys'
export interface Member { id: string, name: string, enabled: boolean, groupId: string | null, groupName: string | null }

/** Rows of a list that are shown at most; beyond, the list's own page helps. */
const MOST = 200

/** What is in a group, what its owner could put into it, and where members may go. */
export interface GroupMembers {
  accounts: Member[]
  keys: Member[]
  /** Of the same owner, in other groups or none. */
  others: Record<MemberKind, Member[]>
  /** Other groups of the same owner. */
  groups: GroupView[]
}

/** Reads and changes the members of a group. Moves throw what the server refuses. */
export function useGroupMembers() {
  const call = useApi()
  const list = async <T>(path: string, query: Record<string, string | number>): Promise<T[]> => (await call<ListOf<T>>(path, { method: 'GET', query: { ...query, limit: MOST } })).items

  async function load({ id, ownerId }: GroupView): Promise<GroupMembers> {
    const [accounts, keys, ownAccounts, ownKeys, groups] = await Promise.all([
      list<AccountView>('/api/accounts', { groupId: id, sort: 'name' }),
      list<KeyView>('/api/keys', { groupId: id, sort: 'name' }),
      list<AccountView>('/api/accounts', { ownerId, sort: 'name' }),
      list<KeyView>('/api/keys', { ownerId, sort: 'name' }),
      list<GroupView>('/api/groups', { ownerId, sort: 'name' }),
    ])
    const outside = <T extends Member>(rows: T[]) => rows.filter(row => row.groupId !== id)
    return { accounts, keys, others: { accounts: outside(ownAccounts), keys: outside(ownKeys) }, groups: groups.filter(group => group.id !== id) }
  }

  /** `to`: a group, or null for the shared pool. */
  async function move(kind: MemberKind, ids: string[], to: string | null): Promise<void> {
    if (kind === 'keys') return void await call('/api/keys/batch', { method: 'POST', body: { action: 'move', ids, groupId: to } })
    for (const id of ids) await call(`/api/accounts/${id}`, { method: 'PATCH', body: { groupId: to } })
  }

  return { load, move }
}
