import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { contains } from './filters'
import { byNumber, byText, listOrder, type ListPage, type Page, type SortColumns } from './list-order'
import { nameOf } from './names'
import { spentSince, type SpentDays } from './spend'

export type AccountRow = Schema['accounts']['$inferSelect']
export type NewAccount = Schema['accounts']['$inferInsert']
export type AccountPatch = Partial<Omit<NewAccount, 'id' | 'createdAt'>>

export interface AccountFilter extends ListPage {
  ownerId?: string
  /** Null: the shared pool. */
  groupId?: string | null
  platform?: string
  state?: AccountRow['stateName']
  enabled?: boolean
  q?: string
  /** Needed to sort by what was spent. */
  days?: SpentDays
}

/** Upstream accounts. Deleted ones stay as rows without their secrets and are never returned. */
export function createAccountsRepo(store: Store) {
  const { accounts } = store.tables
  const { db, read } = store
  const living = isNull(accounts.deletedAt)
  const sorts = (days: SpentDays | undefined): SortColumns => ({
    createdAt: 'id',
    name: byText(accounts.name),
    owner: byText(nameOf(store, 'user', accounts.ownerId)),
    group: byText(nameOf(store, 'group', accounts.groupId)),
    platform: byText(accounts.platform),
    state: byText(accounts.stateName),
    enabled: byNumber(accounts.enabled),
    priority: byNumber(accounts.priority),
    weight: byNumber(accounts.weight),
    lastUsedAt: byNumber(accounts.lastUsedAt),
    ...days && { today: byNumber(spentSince(store, 'account', accounts.id, days.day)), week: byNumber(spentSince(store, 'account', accounts.id, days.week)) },
  })

  return {
    all: (): Promise<AccountRow[]> => db.select().from(accounts).where(living),
    async get(id: string): Promise<AccountRow | null> {
      return (await db.select().from(accounts).where(and(eq(accounts.id, id), living)).limit(1)).at(0) ?? null
    },
    async list(filter: AccountFilter): Promise<Page<AccountRow>> {
      const order = listOrder(accounts.id, sorts(filter.days), filter)
      return order.page(await read.select({ row: accounts, value: order.value }).from(accounts).where(and(
        living,
        filter.ownerId === undefined ? undefined : eq(accounts.ownerId, filter.ownerId),
        filter.groupId === undefined ? undefined : filter.groupId === null ? isNull(accounts.groupId) : eq(accounts.groupId, filter.groupId),
        filter.platform === undefined ? undefined : eq(accounts.platform, filter.platform),
        filter.state === undefined ? undefined : eq(accounts.stateName, filter.state),
        filter.enabled === undefined ? undefined : eq(accounts.enabled, filter.enabled),
        contains(accounts.name, filter.q),
        order.after,
      )).orderBy(...order.by).limit(order.limit))
    },
    async idsInGroup(groupId: string): Promise<string[]> {
      return (await db.select({ id: accounts.id }).from(accounts).where(and(living, eq(accounts.groupId, groupId)))).map(({ id }) => id)
    },
    async countByGroup(groupIds: string[]): Promise<Map<string, number>> {
      if (!groupIds.length) return new Map()
      const rows = await read.select({ groupId: accounts.groupId, count: sql`count(*)`.mapWith(Number) })
        .from(accounts).where(and(living, inArray(accounts.groupId, groupIds))).groupBy(accounts.groupId)
      return new Map(rows.map(row => [row.groupId ?? '', row.count]))
    },
    /** Owner by account, of deleted accounts too. */
    async owners(ids: string[]): Promise<Map<string, string>> {
      if (!ids.length) return new Map()
      const rows = await read.select({ id: accounts.id, ownerId: accounts.ownerId }).from(accounts).where(inArray(accounts.id, ids))
      return new Map(rows.map(row => [row.id, row.ownerId]))
    },
    /** When each was last used, epoch-ms or null. */
    async lastUsed(ids: string[]): Promise<Map<string, number | null>> {
      if (!ids.length) return new Map()
      const rows = await read.select({ id: accounts.id, at: accounts.lastUsedAt }).from(accounts).where(inArray(accounts.id, ids))
      return new Map(rows.map(row => [row.id, row.at]))
    },
    async insert(row: NewAccount): Promise<void> {
      await db.insert(accounts).values(row)
    },
    async update(id: string, patch: AccountPatch): Promise<void> {
      await db.update(accounts).set(patch).where(and(eq(accounts.id, id), living))
    },
    /** Sets the count of failures to 0, if the account is still normal since that time. */
    async clearFailures(id: string, since: number): Promise<void> {
      await db.update(accounts).set({ stateFailures: 0 }).where(and(eq(accounts.id, id), eq(accounts.stateName, 'normal'), eq(accounts.stateSince, since)))
    },
    /** Replaces the credentials of generation `base`; false when there are others by now, or the account is gone. */
    async renewCredentials(id: string, base: number, patch: AccountPatch): Promise<boolean> {
      return store.changes(await db.update(accounts).set(patch).where(and(eq(accounts.id, id), living, eq(accounts.tokenGeneration, base)))) > 0
    },
    async touch(ids: string[], at: number): Promise<void> {
      if (ids.length) await db.update(accounts).set({ lastUsedAt: at }).where(inArray(accounts.id, ids))
    },
    async remove(id: string, at: number): Promise<void> {
      const gone = { deletedAt: at, updatedAt: at, enabled: false, credentials: '', proxyUrl: null }
      await db.update(accounts).set(gone).where(and(eq(accounts.id, id), living))
    },
  }
}

export type AccountsRepo = ReturnType<typeof createAccountsRepo>
