import type { ChannelView, DeliveryReason } from '#shared/types/notification'
import type { Repos } from '../db/repos/index'
import type { ChannelRow } from '../db/repos/notification-channels'
import { parseColumn, stringMap } from '../lib/json-column'
import { eventsOf } from './check'

/** Channels as the API tells them, without any secret. */
export async function channelViews(repos: Pick<Repos, 'users'>, rows: readonly ChannelRow[]): Promise<ChannelView[]> {
  const owners = await repos.users.names([...new Set(rows.map(row => row.ownerId))])
  return rows.map(row => ({
    id: row.id,
    ownerId: row.ownerId,
    ownerName: owners.get(row.ownerId) ?? null,
    kind: row.kind,
    name: row.name,
    shown: row.shown === null ? {} : parseColumn(stringMap, row.shown, 'notification_channels.shown'),
    events: eventsOf(row.events),
    enabled: row.enabled,
    lastSuccessAt: row.lastSuccessAt,
    lastError: row.lastErrorAt === null ? null : { at: row.lastErrorAt, reason: (row.lastErrorReason ?? 'unreachable') as DeliveryReason, message: row.lastError ?? '' },
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }))
}
