import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Store } from '../store'
import type { AccountsRepo } from './accounts'
import type { ApiKeysRepo } from './api-keys'
import type { GroupsRepo } from './groups'
import type { NotificationChannelsRepo } from './notification-channels'
import type { UserPatch } from './users'

export interface Holdings { groups: number, accounts: number, keys: number }
/** Ids of what another user has now, or what went. */
export interface Moved { groups: string[], accounts: string[], keys: string[] }

interface Others {
  groups: GroupsRepo
  accounts: AccountsRepo
  apiKeys: ApiKeysRepo
  notificationChannels: NotificationChannelsRepo
}

const none = (): Moved => ({ groups: [], accounts: [], keys: [] })

/** Changes to people that concern others: an enabled admin always stays, and what belongs to somebody goes with them or to an heir. */
export function createRosterRepo(store: Store, repos: Others) {
  const { users, groups, accounts, apiKeys, notificationChannels } = store.tables
  const { db, read } = store
  const owned = { groups, accounts, keys: apiKeys }

  /** All enabled admins but one, the oldest first. Inside a transaction their rows are locked, so that two cannot leave at once. */
  async function otherAdmins(id: string): Promise<string[]> {
    const rows = await db.select({ id: users.id }).from(users)
      .where(and(eq(users.role, 'admin'), eq(users.enabled, true), isNull(users.deletedAt))).orderBy(asc(users.id))
    return rows.map(row => row.id).filter(each => each !== id)
  }

  async function isThere(id: string): Promise<boolean> {
    return (await db.select({ id: users.id }).from(users).where(and(eq(users.id, id), isNull(users.deletedAt)))).length > 0
  }

  async function idsOf(table: typeof groups | typeof accounts | typeof apiKeys | typeof notificationChannels, ownerId: string): Promise<string[]> {
    const rows = await db.select({ id: table.id }).from(table).where(and(eq(table.ownerId, ownerId), isNull(table.deletedAt)))
    return rows.map(row => row.id)
  }

  const holdingsOf = async (ownerId: string): Promise<Moved> =>
    ({ groups: await idsOf(groups, ownerId), accounts: await idsOf(accounts, ownerId), keys: await idsOf(apiKeys, ownerId) })

  async function give(moved: Moved, ownerId: string, at: number): Promise<void> {
    for (const kind of ['groups', 'accounts', 'keys'] as const) {
      if (moved[kind].length > 0) await db.update(owned[kind]).set({ ownerId, updatedAt: at }).where(inArray(owned[kind].id, moved[kind]))
    }
  }

  async function removeAll(gone: Moved, at: number): Promise<void> {
    for (const id of gone.keys) await repos.apiKeys.remove(id, at)
    for (const id of gone.accounts) await repos.accounts.remove(id, at)
    for (const id of gone.groups) await repos.groups.remove(id, at)
  }

  async function countBy(kind: keyof Holdings, ownerIds: string[]): Promise<Map<string, number>> {
    const table = owned[kind]
    const rows = await read.select({ ownerId: table.ownerId, count: sql`count(*)`.mapWith(Number) }).from(table)
      .where(and(isNull(table.deletedAt), inArray(table.ownerId, ownerIds))).groupBy(table.ownerId)
    return new Map(rows.map(row => [row.ownerId, row.count]))
  }

  return {
    /** How much belongs to each. */
    async counts(ownerIds: string[]): Promise<Map<string, Holdings>> {
      if (ownerIds.length === 0) return new Map()
      const [ofGroups, ofAccounts, ofKeys] = await Promise.all([countBy('groups', ownerIds), countBy('accounts', ownerIds), countBy('keys', ownerIds)])
      return new Map(ownerIds.map(id => [id, { groups: ofGroups.get(id) ?? 0, accounts: ofAccounts.get(id) ?? 0, keys: ofKeys.get(id) ?? 0 }]))
    },

    /** How much of it draws from or lies in the shared pool. */
    async sharedCounts(ownerId: string): Promise<{ accounts: number, keys: number }> {
      const count = async (table: typeof accounts | typeof apiKeys) =>
        (await read.select({ id: table.id }).from(table).where(and(eq(table.ownerId, ownerId), isNull(table.groupId), isNull(table.deletedAt)))).length
      return { accounts: await count(accounts), keys: await count(apiKeys) }
    },

    /**
     * Changes a user; null, and nothing happens, when no enabled admin would be left. The accounts that a former admin has in the
     * shared pool go to `heirId`, or, when that is the user, to the oldest other admin.
     */
    change: (id: string, patch: UserPatch, { at, heirId }: { at: number, heirId: string }): Promise<Moved | null> => store.tx(async () => {
      const leaves = patch.role === 'user' || patch.enabled === false
      const admins = leaves ? await otherAdmins(id) : []
      if (leaves && admins.length === 0) return null
      await db.update(users).set(patch).where(and(eq(users.id, id), isNull(users.deletedAt)))
      if (patch.role !== 'user') return none()
      const shared = await db.select({ id: accounts.id }).from(accounts).where(and(eq(accounts.ownerId, id), isNull(accounts.groupId), isNull(accounts.deletedAt)))
      const moved = { ...none(), accounts: shared.map(row => row.id) }
      await give(moved, admins.find(each => each === heirId) ?? admins[0]!, at)
      return moved
    }),

    /**
     * Deletes a user with sessions, codes and channels; what belonged to them goes to `heirId`, or, when that is null, is deleted too.
     * Nothing happens when no enabled admin would be left, or there is no such heir.
     */
    remove: (id: string, { at, heirId }: { at: number, heirId: string | null }): Promise<Moved | 'last_admin' | 'no_heir'> => store.tx(async () => {
      if ((await otherAdmins(id)).length === 0) return 'last_admin'
      if (heirId !== null && !await isThere(heirId)) return 'no_heir'
      const moved = await holdingsOf(id)
      if (heirId === null) await removeAll(moved, at)
      else await give(moved, heirId, at)
      for (const channel of await idsOf(notificationChannels, id)) await repos.notificationChannels.remove(channel, at)
      await db.delete(store.tables.sessions).where(eq(store.tables.sessions.userId, id))
      await db.delete(store.tables.codes).where(eq(store.tables.codes.userId, id))
      const gone = { deletedAt: at, updatedAt: at, enabled: false, usernameKey: `deleted:${id}`, email: null, emailKey: null, passwordHash: '' }
      await db.update(users).set(gone).where(and(eq(users.id, id), isNull(users.deletedAt)))
      return moved
    }),
  }
}

export type RosterRepo = ReturnType<typeof createRosterRepo>
