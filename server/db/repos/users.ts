import { and, eq, inArray, isNull, notInArray, or, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { contains } from './filters'
import { byNumber, byText, listOrder, type ListPage, type Page, type SortColumns } from './list-order'

export type UserRow = Schema['users']['$inferSelect']
export type NewUser = Schema['users']['$inferInsert']
export type UserPatch = Partial<Omit<NewUser, 'id' | 'createdAt'>>

export interface UserFilter extends ListPage {
  q?: string
  role?: UserRow['role']
  enabled?: boolean
}

/** People. Deleted ones stay as rows and are never returned. */
export function createUsersRepo(store: Store) {
  const { users, groups, accounts, apiKeys } = store.tables
  const { db, read } = store
  const living = isNull(users.deletedAt)
  const sorts: SortColumns = { createdAt: 'id', username: byText(users.username), role: byText(users.role), enabled: byNumber(users.enabled), lastLoginAt: byNumber(users.lastLoginAt) }
  const first = async (where: ReturnType<typeof and>) => (await db.select().from(users).where(where).limit(1)).at(0) ?? null

  return {
    all: (): Promise<UserRow[]> => db.select().from(users).where(living),
    get: (id: string): Promise<UserRow | null> => first(and(eq(users.id, id), living)),
    /** `q` is looked for in names and addresses. */
    async list(filter: UserFilter): Promise<Page<UserRow>> {
      const order = listOrder(users.id, sorts, filter)
      return order.page(await read.select({ row: users, value: order.value }).from(users).where(and(
        living,
        filter.role === undefined ? undefined : eq(users.role, filter.role),
        filter.enabled === undefined ? undefined : eq(users.enabled, filter.enabled),
        filter.q ? or(contains(users.username, filter.q), contains(users.email, filter.q)) : undefined,
        order.after,
      )).orderBy(...order.by).limit(order.limit))
    },
    /** By folded user name or e-mail address. */
    async findByLogin(key: string): Promise<UserRow | null> {
      return await first(and(eq(users.usernameKey, key), living)) ?? await first(and(eq(users.emailKey, key), living))
    },
    async names(ids: string[]): Promise<Map<string, string>> {
      if (!ids.length) return new Map()
      const rows = await db.select({ id: users.id, username: users.username }).from(users).where(inArray(users.id, ids))
      return new Map(rows.map(row => [row.id, row.username]))
    },
    async countAdmins(): Promise<number> {
      const rows = await db.select({ count: sql`count(*)`.mapWith(Number) }).from(users).where(and(eq(users.role, 'admin'), living))
      return rows[0]?.count ?? 0
    },
    /** False when the user name or e-mail address is taken. */
    insert: (row: NewUser): Promise<boolean> => store.insertIgnore(db, users, row),
    async update(id: string, patch: UserPatch): Promise<void> {
      await db.update(users).set(patch).where(and(eq(users.id, id), living))
    },
    /** Gives what belongs to nobody any more to `ownerId`. */
    async adoptOrphans(ownerId: string, at: number): Promise<void> {
      await store.tx(async (tx) => {
        for (const table of [groups, accounts, apiKeys]) {
          const owners = tx.select({ id: users.id }).from(users).where(living)
          await tx.update(table).set({ ownerId, updatedAt: at }).where(notInArray(table.ownerId, owners))
        }
      })
    },
  }
}

export type UsersRepo = ReturnType<typeof createUsersRepo>
