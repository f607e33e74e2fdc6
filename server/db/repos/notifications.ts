import { and, asc, eq, inArray, isNotNull, lt, lte, ne } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type NotificationRow = Schema['notifications']['$inferSelect']
export type NewNotification = Pick<NotificationRow, 'id' | 'channelId' | 'event' | 'subject' | 'episode' | 'facts' | 'createdAt'>

/** Episode of a row whose condition still holds: there is one such row per channel, event and subject. */
export const OPEN = 'open'

/** Messages to people: the outbox, and the memory of what was said. Times are epoch-ms. */
export function createNotificationsRepo(store: Store) {
  const { notifications } = store.tables
  const { db } = store
  const pending = inArray(notifications.status, ['waiting', 'sending'])

  return {
    /** Puts a message into the outbox; false when this channel has been told of it already. */
    add: (row: NewNotification): Promise<boolean> =>
      store.insertIgnore(db, notifications, { ...row, status: 'waiting', attempts: 0, dueAt: row.createdAt, endedAt: null }),
    /** Rows whose condition held at the last look. */
    open: (): Promise<NotificationRow[]> => db.select().from(notifications).where(eq(notifications.episode, OPEN)),
    /**
     * Ends an episode: the row makes room for the next one, and a message that was not sent yet is dropped.
     * False when somebody else ended it, or when the message is being sent right now.
     */
    async close({ id, status }: NotificationRow, at: number): Promise<boolean> {
      const end = status === 'waiting' ? { status: 'dropped' as const, endedAt: at } : {}
      const same = and(eq(notifications.id, id), eq(notifications.episode, OPEN), eq(notifications.status, status), ne(notifications.status, 'sending'))
      return store.changes(await db.update(notifications).set({ episode: id, ...end }).where(same)) > 0
    },
    /** Messages whose next attempt may begin, oldest first. */
    due: (now: number, limit: number): Promise<NotificationRow[]> =>
      db.select().from(notifications).where(and(pending, lte(notifications.dueAt, now))).orderBy(asc(notifications.dueAt), asc(notifications.id)).limit(limit),
    /** Takes a due message for one attempt, alone over all instances, until `until`. */
    async claim({ id, dueAt, attempts }: NotificationRow, until: number): Promise<boolean> {
      const same = and(eq(notifications.id, id), pending, eq(notifications.dueAt, dueAt), eq(notifications.attempts, attempts))
      return store.changes(await db.update(notifications).set({ status: 'sending', attempts: attempts + 1, dueAt: until }).where(same)) > 0
    },
    /** The outcome of an attempt: the end, or the next attempt's time. */
    async settle(id: string, outcome: { status: 'sent' | 'failed' | 'dropped', endedAt: number, episode?: string } | { status: 'waiting', dueAt: number, attempts?: number }): Promise<void> {
      await db.update(notifications).set(outcome).where(eq(notifications.id, id))
    },
    /** Lets what waits for a channel be tried at once, also what was given up and still holds. */
    async retryNow(channelId: string, now: number): Promise<void> {
      const mine = eq(notifications.channelId, channelId)
      await db.update(notifications).set({ dueAt: now, attempts: 0 }).where(and(mine, eq(notifications.status, 'waiting')))
      await db.update(notifications).set({ status: 'waiting', dueAt: now, attempts: 0, endedAt: null }).where(and(mine, eq(notifications.status, 'failed'), eq(notifications.episode, OPEN)))
    },
    /** Removes ended messages made before `before`, except those whose condition still holds; answers how many. */
    async prune(before: number): Promise<number> {
      const old = and(lt(notifications.createdAt, before), isNotNull(notifications.endedAt), ne(notifications.episode, OPEN))
      return store.changes(await db.delete(notifications).where(old))
    },
  }
}

export type NotificationsRepo = ReturnType<typeof createNotificationsRepo>
