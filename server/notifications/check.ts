import { notificationEvents, type NotificationEvent } from '#shared/schemas/notification'
import type { Repos } from '../db/repos/index'
import type { OwnedChannel } from '../db/repos/notification-channels'
import { OPEN, type NotificationRow } from '../db/repos/notifications'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'
import { parseColumn, stringList } from '../lib/json-column'
import type { Facts } from './facts'
import { lookAtAccounts } from './looks/accounts'
import { lookAtLimits } from './looks/limits'
import type { Audience, Occasion, Standings } from './looks/look'
import { lookAtPools } from './looks/pools'
import { lookAtTasks } from './looks/tasks'

export interface CheckDeps {
  repos: Pick<Repos, 'accounts' | 'apiKeys' | 'groups' | 'spend' | 'notificationChannels' | 'notifications' | 'taskRuns'>
  clock: Clock
  timeZone: string
  taskNames(): readonly string[]
}

const HOUR = 3_600_000
/** The ledger books a request some seconds after its key was marked as used, or minutes when the database was away. */
const OVERLAP_MS = HOUR
const FIRST_LOOK_MS = 24 * HOUR

/**
 * Looks at how things stand and fills the outbox: what is wrong and was not told yet, what was told and is over. It goes by the
 * state of the database alone, so it may run at any time, again, and on several instances at once.
 */
export function createCheck({ repos, clock, timeZone, taskNames }: CheckDeps) {
  const { notifications } = repos
  let lookedAt: number | null = null

  async function limits(now: number): Promise<Occasion[]> {
    const since = lookedAt === null ? now - FIRST_LOOK_MS : lookedAt - OVERLAP_MS
    const occasions = await lookAtLimits({ apiKeys: repos.apiKeys, spend: repos.spend, since, now, timeZone })
    lookedAt = now
    return occasions
  }

  async function standingsNow(now: number): Promise<Standings> {
    const [accounts, groups, tasks] = await Promise.all([repos.accounts.all(), repos.groups.all(), lookAtTasks(repos.taskRuns, taskNames())])
    return new Map([...lookAtAccounts(accounts, now), ...lookAtPools(accounts, groups, now), ...tasks])
  }

  async function tell({ event, subject, audience, episode = OPEN, facts }: Occasion, channels: readonly OwnedChannel[], now: number): Promise<number> {
    let told = 0
    for (const channel of channels) {
      if (!wants(channel, event, audience)) continue
      if (await notifications.add({ id: newId(), channelId: channel.id, event, subject, episode, facts: JSON.stringify(facts), createdAt: now })) told++
    }
    return told
  }

  /** Ends an episode; whoever was told that it began is told that it is over, if there is more to say than silence. */
  async function end(row: NotificationRow, facts: Facts | null, channels: readonly OwnedChannel[], now: number): Promise<number> {
    if (!await notifications.close(row, now)) return 0
    if (row.status !== 'sent' || !facts || !channels.some(({ id }) => id === row.channelId)) return 0
    const news = { id: newId(), channelId: row.channelId, event: facts.event, subject: row.subject, episode: row.id, facts: JSON.stringify(facts), createdAt: now }
    return await notifications.add(news) ? 1 : 0
  }

  /** Gives how many messages it put into the outbox. */
  return async function check(): Promise<number> {
    const now = clock.now()
    // First what is open, then how things stand: an episode that begins in between must not be taken for one that is over.
    const open = await notifications.open()
    const channels = await repos.notificationChannels.active()
    if (channels.length === 0 && open.length === 0) return 0
    const standings = await standingsNow(now)
    let told = 0
    for (const row of open) {
      const standing = standings.get(row.subject)
      if (standing?.state === 'between' || (standing?.state === 'wrong' && standing.occasion.event === row.event)) continue
      told += await end(row, standing?.state === 'right' ? standing.facts : null, channels, now)
    }
    const wrong = [...standings.values()].flatMap(standing => (standing.state === 'wrong' ? [standing.occasion] : []))
    for (const occasion of [...wrong, ...await limits(now)]) told += await tell(occasion, channels, now)
    return told
  }
}

/** Unknown names, of a newer version, are left out. */
export function eventsOf(column: string): NotificationEvent[] {
  const names = parseColumn(stringList, column, 'notification_channels.events')
  return notificationEvents.filter(event => names.includes(event))
}

export function wants({ events, owner }: OwnedChannel, event: NotificationEvent, audience: Audience): boolean {
  const concerned = audience === 'admins' ? owner.role === 'admin' : owner.id === audience.ownerId
  return concerned && eventsOf(events).includes(event)
}
