import { and, eq, isNull } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import { byNumber, byText, listOrder, type ListPage, type Page, type SortColumns } from './list-order'

export type ChannelRow = Schema['notificationChannels']['$inferSelect']
export type NewChannel = Schema['notificationChannels']['$inferInsert']
export type ChannelPatch = Partial<Omit<NewChannel, 'id' | 'createdAt'>>

/** Who gets a channel's messages, and what they may be told. */
export type OwnedChannel = ChannelRow & { owner: { id: string, role: 'admin' | 'user', locale: string | null } }

export interface ChannelFilter extends ListPage {
  ownerId?: string
}

/** Ways to notify people. Deleted ones stay as rows without their config and are never returned. */
export function createNotificationChannelsRepo(store: Store) {
  const { notificationChannels: channels, users } = store.tables
  const { db, read } = store
  const living = isNull(channels.deletedAt)
  const sorts: SortColumns = { createdAt: 'id', name: byText(channels.name), kind: byText(channels.kind), enabled: byNumber(channels.enabled) }

  return {
    async get(id: string): Promise<ChannelRow | null> {
      return (await db.select().from(channels).where(and(eq(channels.id, id), living)).limit(1)).at(0) ?? null
    },
    async list(filter: ChannelFilter): Promise<Page<ChannelRow>> {
      const order = listOrder(channels.id, sorts, filter)
      return order.page(await read.select({ row: channels, value: order.value }).from(channels).where(and(
        living,
        filter.ownerId === undefined ? undefined : eq(channels.ownerId, filter.ownerId),
        order.after,
      )).orderBy(...order.by).limit(order.limit))
    },
    /** Enabled channels of people who are neither disabled nor deleted. */
    async active(): Promise<OwnedChannel[]> {
      const rows = await db.select({ channel: channels, owner: { id: users.id, role: users.role, locale: users.locale } }).from(channels)
        .innerJoin(users, eq(users.id, channels.ownerId))
        .where(and(living, eq(channels.enabled, true), eq(users.enabled, true), isNull(users.deletedAt)))
      return rows.map(({ channel, owner }) => ({ ...channel, owner }))
    },
    async insert(row: NewChannel): Promise<void> {
      await db.insert(channels).values(row)
    },
    async update(id: string, patch: ChannelPatch): Promise<void> {
      await db.update(channels).set(patch).where(and(eq(channels.id, id), living))
    },
    async remove(id: string, at: number): Promise<void> {
      await db.update(channels).set({ deletedAt: at, updatedAt: at, enabled: false, config: '', shown: null }).where(and(eq(channels.id, id), living))
    },
  }
}

export type NotificationChannelsRepo = ReturnType<typeof createNotificationChannelsRepo>
