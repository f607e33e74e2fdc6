import type { ChannelCreateInput, ChannelListQuery, ChannelPatchInput } from '#shared/schemas/notification'
import type { ListOf } from '#shared/types/api'
import type { ChannelKindView, ChannelTestView, ChannelView } from '#shared/types/notification'
import type { Language } from '#shared/utils/language'
import type { Repos } from '../db/repos/index'
import type { ChannelRow } from '../db/repos/notification-channels'
import type { UserRow } from '../db/repos/users'
import type { Kv } from '../kv/kv'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, notFound } from '../lib/errors'
import { newId } from '../lib/id'
import { SealError, type Sealer } from '../lib/seal'
import { requireOwned, visibleOwner, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { openConfig, sealConfig } from './config'
import { checkedConfig, refuseEvents, requireKind } from './input'
import type { Sender } from './sender'
import { channelViews } from './view'

export interface ChannelsDeps {
  repos: Repos
  kv: Kv
  clock: Clock
  sealer: Sealer
  changes: Changes
  audit: Audit
  sender: Sender
}

const TESTS = { max: 10, windowMs: 60_000 }

/** The ways in which people want to be notified, as they manage them. */
export function createChannelsService({ repos, kv, clock, sealer, changes, audit, sender }: ChannelsDeps) {
  const find = async (actor: Actor, id: string): Promise<ChannelRow> => requireOwned(actor, await repos.notificationChannels.get(id), 'channel')
  const view = async (row: ChannelRow): Promise<ChannelView> => (await channelViews(repos, [row]))[0] as ChannelView

  /** A config that the present key does not open is entered anew. */
  function stored(row: ChannelRow): Record<string, unknown> {
    try {
      return openConfig(sealer, row)
    }
    catch (error) {
      if (error instanceof SealError) return {}
      throw error
    }
  }

  async function ownerOf(row: { ownerId: string }): Promise<UserRow> {
    const owner = await repos.users.get(row.ownerId)
    if (!owner) throw notFound('channel')
    return owner
  }

  return {
    async list(actor: Actor, query: ChannelListQuery): Promise<ListOf<ChannelView>> {
      const { rows, nextCursor } = await repos.notificationChannels.list({ ...query, ownerId: visibleOwner(actor, query.ownerId) })
      return { items: await channelViews(repos, rows), nextCursor }
    },

    get: async (actor: Actor, id: string): Promise<ChannelView> => view(await find(actor, id)),

    /** What the console's form is drawn from. */
    kinds: (): ChannelKindView[] => Object.values(sender.kinds).map(({ id, label, form, available }) => ({ id, label, form, available: available(sender) })),

    /** Messages come in the owner's language; `language` becomes it, if none was chosen. */
    async create(actor: Actor, input: ChannelCreateInput, language: Language): Promise<ChannelView> {
      const kind = requireKind(sender, input.kind)
      const owner = await ownerOf({ ownerId: actor.id })
      refuseEvents(owner, input.events)
      const config = checkedConfig(kind, owner, input.config)
      const id = newId()
      const now = clock.now()
      const row: ChannelRow = {
        id, ownerId: actor.id, kind: kind.id, name: input.name, enabled: input.enabled, events: JSON.stringify(input.events),
        config: sealConfig(sealer, id, config), shown: JSON.stringify(kind.shown(config)),
        lastSuccessAt: null, lastErrorAt: null, lastErrorReason: null, lastError: null, createdAt: now, updatedAt: now, deletedAt: null,
      }
      await repos.notificationChannels.insert(row)
      if (owner.locale === null) {
        await repos.users.update(owner.id, { locale: language })
        await changes.emit('user', owner.id)
      }
      const after = await view(row)
      await audit(actor, { action: 'channel.create', target: targetOf(row), after })
      return after
    },

    /** What waits for the channel is tried again at once. */
    async update(actor: Actor, id: string, input: ChannelPatchInput): Promise<ChannelView> {
      const row = await find(actor, id)
      const before = await view(row)
      const owner = await ownerOf(row)
      const { config: given, events, ...plain } = input
      if (events) refuseEvents(owner, events)
      // Without new settings a kind that this installation no longer offers can still be renamed or disabled.
      const kind = given && requireKind(sender, row.kind)
      const config = kind && checkedConfig(kind, owner, { ...stored(row), ...given })
      const patch = {
        ...plain,
        ...events ? { events: JSON.stringify(events) } : {},
        ...kind && config ? { config: sealConfig(sealer, id, config), shown: JSON.stringify(kind.shown(config)) } : {},
        updatedAt: clock.now(),
      }
      await repos.notificationChannels.update(id, patch)
      await repos.notifications.retryNow(id, clock.now())
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'channel.update', target: targetOf(row), before, after: given ? { ...after, configChanged: Object.keys(given) } : after })
      return after
    },

    async remove(actor: Actor, id: string): Promise<void> {
      const row = await find(actor, id)
      const before = await view(row)
      await repos.notificationChannels.remove(id, clock.now())
      await audit(actor, { action: 'channel.delete', target: targetOf(row), before })
    },

    /** Sends a test message; a refusal is an answer. Throws `rate_limited` for one who tests without end. */
    async test(actor: Actor, id: string): Promise<ChannelTestView> {
      const row = await find(actor, id)
      const { allowed, retryAfterMs } = await kv.hit(`notify-test:${actor.id}`, TESTS.max, TESTS.windowMs)
      if (!allowed) throw new AppError('rate_limited', 'Too many test messages: wait a moment.', { retryAfterMs })
      const owner = await ownerOf(row)
      const startedAt = clock.now()
      const { ok, reason, status, message } = await sender.send({ ...row, owner }, newId(), { event: 'test', at: startedAt })
      if (ok) await repos.notifications.retryNow(id, clock.now())
      await audit(actor, { action: 'channel.test', target: targetOf(row), after: { ok, reason, status } })
      return { ok, reason, status, message, ms: clock.now() - startedAt }
    },
  }
}

export type ChannelsService = ReturnType<typeof createChannelsService>

const targetOf = ({ id, name }: ChannelRow) => ({ type: 'channel' as const, id, name })
