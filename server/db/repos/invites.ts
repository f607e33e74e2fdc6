import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { byNumber, listOrder, type ListPage, type Page, type SortColumns } from './list-order'
import type { NewUser } from './users'

export type InviteRow = Schema['invites']['$inferSelect']

class NameTaken extends Error {}

/** Invitations to make a user, by the hash of their code. */
export function createInvitesRepo(store: Store) {
  const { invites, users } = store.tables
  const { db, read } = store
  const sorts: SortColumns = { createdAt: 'id', expiresAt: byNumber(invites.expiresAt) }
  const open = (now: number) => and(isNull(invites.revokedAt), or(isNull(invites.expiresAt), gt(invites.expiresAt, now)), lt(invites.uses, invites.maxUses))

  return {
    async insert(row: InviteRow): Promise<void> {
      await db.insert(invites).values(row)
    },
    async list(filter: ListPage): Promise<Page<InviteRow>> {
      const order = listOrder(invites.id, sorts, filter)
      return order.page(await read.select({ row: invites, value: order.value }).from(invites).where(order.after).orderBy(...order.by).limit(order.limit))
    },
    async get(id: string): Promise<InviteRow | null> {
      return (await db.select().from(invites).where(eq(invites.id, id)).limit(1)).at(0) ?? null
    },
    /** The invitation that can still be used. */
    async findOpen(codeHash: string, now: number): Promise<InviteRow | null> {
      return (await db.select().from(invites).where(and(eq(invites.codeHash, codeHash), open(now))).limit(1)).at(0) ?? null
    },
    /** Uses the invitation once for this user; nothing happens when it is used up by now, or the name or address is taken. */
    async redeem(id: string, now: number, user: NewUser): Promise<'made' | 'used_up' | 'taken'> {
      try {
        return await store.tx(async () => {
          const used = await db.update(invites).set({ uses: sql`${invites.uses} + 1` }).where(and(eq(invites.id, id), open(now)))
          if (store.changes(used) === 0) return 'used_up'
          if (!await store.insertIgnore(db, users, user)) throw new NameTaken()
          return 'made'
        })
      }
      catch (error) {
        if (error instanceof NameTaken) return 'taken'
        throw error
      }
    },
    async revoke(id: string, at: number): Promise<void> {
      await db.update(invites).set({ revokedAt: at }).where(and(eq(invites.id, id), isNull(invites.revokedAt)))
    },
  }
}

export type InvitesRepo = ReturnType<typeof createInvitesRepo>
