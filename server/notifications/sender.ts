import { languageOf } from '#shared/utils/language'
import type { OwnedChannel } from '../db/repos/notification-channels'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { Mailer } from '../lib/mailer'
import type { Outbound } from '../lib/outbound'
import type { Sealer } from '../lib/seal'
import { openConfig } from './config'
import type { Facts } from './facts'
import { failureOf, secretsOf, withoutSecrets } from './failure'
import type { ChannelKind, Delivery } from './kinds/kind'
import { writeMessage } from './message'

export interface SenderDeps {
  repos: { notificationChannels: Pick<Repos['notificationChannels'], 'update'> }
  kinds: Readonly<Record<string, ChannelKind>>
  sealer: Sealer
  outbound: Outbound
  mailer: Mailer | null
  clock: Clock
  logger: Logger
  timeZone: string
  publicUrl: string | null
}

/** Sends one message over one channel. */
export interface Sender {
  readonly kinds: Readonly<Record<string, ChannelKind>>
  readonly mailer: Mailer | null
  /** Never rejects. `id` is the same at every attempt of a message. The channel's row keeps how it went. */
  send(channel: OwnedChannel, id: string, facts: Facts): Promise<Delivery>
}

export function createSender({ repos, kinds, sealer, outbound, mailer, clock, logger, timeZone, publicUrl }: SenderDeps): Sender {
  async function attempt(channel: OwnedChannel, id: string, facts: Facts): Promise<Delivery> {
    const kind = Object.hasOwn(kinds, channel.kind) ? kinds[channel.kind] : undefined
    if (!kind?.available({ mailer })) return { ok: false, reason: 'unavailable', status: null, message: '' }
    let secrets: string[] = []
    try {
      const config = kind.config.parse(openConfig(sealer, channel)) as Record<string, unknown>
      secrets = secretsOf(config, kind.shown(config))
      const message = writeMessage(id, facts, { language: languageOf(channel.owner.locale, undefined), timeZone, publicUrl })
      const means = { outbound, mailer, allowPrivate: channel.owner.role === 'admin', now: clock.now() }
      const delivery = await kind.send(message, config, means)
      return { ...delivery, message: withoutSecrets(delivery.message, secrets) }
    }
    catch (error) {
      const failure = failureOf(error)
      return { ...failure, message: withoutSecrets(failure.message, secrets) }
    }
  }

  /** For people to see. With the database away an alert still goes out. */
  async function note(channelId: string, { ok, reason, message }: Delivery): Promise<void> {
    const now = clock.now()
    try {
      await repos.notificationChannels.update(channelId, ok ? { lastSuccessAt: now } : { lastErrorAt: now, lastErrorReason: reason, lastError: message })
    }
    catch (error) {
      logger.warn({ err: error, channelId }, 'how a notification went could not be noted')
    }
  }

  return {
    kinds,
    mailer,
    async send(channel, id, facts) {
      const delivery = await attempt(channel, id, facts)
      if (!delivery.ok) logger.warn({ channelId: channel.id, kind: channel.kind, notice: facts.event, reason: delivery.reason, status: delivery.status }, 'a notification was not delivered')
      await note(channel.id, delivery)
      return delivery
    },
  }
}
