import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { contains } from './filters'
import { byNumber, byText, listOrder, type ListPage, type Page, type SortColumns } from './list-order'
import { nameOf } from './names'

export type GroupRow = Schema['groups']['$inferSelect']
export type NewGroup = Schema['groups']['$inferInsert']
export type GroupPatch = Partial<Omit<NewGroup, 'id' | 'createdAt'>>

export interface GroupFilter extends ListPage {
  ownerId?: string
  q?: string
  enabled?: boolean
}

/** Named pools. Deleted ones stay as rows and are returned by `names` only. */
export function createGroupsRepo(store: Store) {
  const { groups, accounts, apiKeys } = store.tables
  const { db, read } = store
  const living = isNull(groups.deletedAt)
  const countOf = (table: typeof accounts | typeof apiKeys) => sql`(select count(*) from ${table} where ${table.groupId} = ${groups.id} and ${table.deletedAt} is null)`
  const sorts: SortColumns = {
    createdAt: 'id',
    name: byText(groups.name),
    owner: byText(nameOf(store, 'user', groups.ownerId)),
    enabled: byNumber(groups.enabled),
    multiplier: byNumber(groups.multiplierBp),
    accounts: byNumber(countOf(accounts)),
    keys: byNumber(countOf(apiKeys)),
  }

  return {
    all: (): Promise<GroupRow[]> => db.select().from(groups).where(living),
    async get(id: string): Promise<GroupRow | null> {
      return (await db.select().from(groups).where(and(eq(groups.id, id), living)).limit(1)).at(0) ?? null
    },
    async list(filter: GroupFilter): Promise<Page<GroupRow>> {
      const order = listOrder(groups.id, sorts, filter)
      return order.page(await read.select({ row: groups, value: order.value }).from(groups).where(and(
        living,
        filter.ownerId === undefined ? undefined : eq(groups.ownerId, filter.ownerId),
        filter.enabled === undefined ? undefined : eq(groups.enabled, filter.enabled),
        contains(groups.name, filter.q),
        order.after,
      )).orderBy(...order.by).limit(order.limit))
    },
    async names(ids: string[]): Promise<Map<string, string>> {
      if (!ids.length) return new Map()
      const rows = await db.select({ id: groups.id, name: groups.name }).from(groups).where(inArray(groups.id, ids))
      return new Map(rows.map(row => [row.id, row.name]))
    },
    async insert(row: NewGroup): Promise<void> {
      await db.insert(groups).values(row)
    },
    async update(id: string, patch: GroupPatch): Promise<void> {
      await db.update(groups).set(patch).where(and(eq(groups.id, id), living))
    },
    async remove(id: string, at: number): Promise<void> {
      await db.update(groups).set({ deletedAt: at, updatedAt: at, enabled: false }).where(and(eq(groups.id, id), living))
    },
  }
}

export type GroupsRepo = ReturnType<typeof createGroupsRepo>
