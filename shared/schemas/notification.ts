import { z } from 'zod'
import { idField, nameField, pageFields, sortField } from './common'

/** What people can be notified of. */
export const notificationEvents = ['limit_near', 'limit_reached', 'account_abnormal', 'pool_unusable', 'journal_growing', 'task_failed'] as const
export type NotificationEvent = (typeof notificationEvents)[number]

/** Those that concern the installation and are told to admins only. */
export const adminEvents: readonly NotificationEvent[] = ['journal_growing', 'task_failed']

const events = z.array(z.enum(notificationEvents)).min(1).max(notificationEvents.length)
/** Its fields are the kind's own (see GET /api/notification-kinds) and checked by the kind. */
const config = z.record(z.string(), z.unknown())

export const channelCreateSchema = z.strictObject({
  name: nameField,
  kind: z.string().min(1).max(32),
  config,
  events,
  enabled: z.boolean().default(true),
})
export type ChannelCreateInput = z.output<typeof channelCreateSchema>

/** Of `config`, absent fields stay and null ones are cleared. The kind of a channel never changes. */
export const channelPatchSchema = z.strictObject({
  name: nameField.optional(),
  config: config.optional(),
  events: events.optional(),
  enabled: z.boolean().optional(),
})
export type ChannelPatchInput = z.output<typeof channelPatchSchema>

export const channelSorts = ['createdAt', 'name', 'kind', 'enabled'] as const

/** `ownerId` is for admins. */
export const channelListSchema = z.strictObject({ ...pageFields, sort: sortField(channelSorts), ownerId: idField.optional() })
export type ChannelListQuery = z.output<typeof channelListSchema>
