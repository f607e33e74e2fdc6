import { newId } from '../lib/id'
import type { OwnedChannel } from '../db/repos/notification-channels'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { wants } from './check'
import type { Facts } from './facts'
import type { Sender } from './sender'

export interface JournalAlarmDeps {
  pendingBytes(): number
  /** Reads the channels; may fail while the database is away, which is when they are needed. */
  channels(): Promise<OwnedChannel[]>
  sender: Pick<Sender, 'send'>
  clock: Clock
  logger: Logger
  /** Unbooked bytes from which it is raised. */
  thresholdBytes: number
  host: string
}

export interface JournalAlarm {
  /** Looks once. Called every half minute. */
  look(): Promise<void>
}

interface Alarm {
  since: number
  messageId: string
  told: Map<string, OwnedChannel>
  /** By channel that could not be told: when to try again. */
  retries: Map<string, { at: number, pause: number }>
}

const RETRY_MS = { first: 60_000, most: 30 * 60_000 }

/**
 * Tells admins that this instance's journal is not booked. It works without the database, out of memory: a process that is
 * started anew books its journal before it serves, so no restart forgets an alarm that is still true.
 */
export function createJournalAlarm({ pendingBytes, channels, sender, clock, logger, thresholdBytes, host }: JournalAlarmDeps): JournalAlarm {
  let known: OwnedChannel[] = []
  let alarm: Alarm | null = null
  let above = false

  async function refresh(): Promise<void> {
    try {
      known = await channels()
    }
    catch (error) {
      logger.debug({ err: error }, 'the notification channels cannot be read right now')
    }
  }

  async function tell({ told, retries, messageId }: Alarm, facts: Facts): Promise<void> {
    const now = clock.now()
    const waiting = known.filter(channel => wants(channel, 'journal_growing', 'admins') && !told.has(channel.id) && (retries.get(channel.id)?.at ?? 0) <= now)
    await Promise.all(waiting.map(async (channel) => {
      const { ok } = await sender.send(channel, messageId, facts)
      if (ok) told.set(channel.id, channel)
      const pause = Math.min(RETRY_MS.most, (retries.get(channel.id)?.pause ?? RETRY_MS.first / 2) * 2)
      if (!ok) retries.set(channel.id, { at: now + pause, pause })
    }))
  }

  return {
    async look() {
      const bytes = pendingBytes()
      const at = clock.now()
      // A burst of requests may pile up for a moment; two looks in a row are no burst.
      const twice = above && bytes >= thresholdBytes
      above = bytes >= thresholdBytes
      if (!alarm || !above) await refresh()
      if (twice) alarm ??= { since: at, messageId: newId(), told: new Map(), retries: new Map() }
      if (!alarm) return
      if (bytes >= thresholdBytes / 2) return tell(alarm, { event: 'journal_growing', at: alarm.since, bytes, host })
      const { told } = alarm
      alarm = null
      const messageId = newId()
      await Promise.all([...told.values()].map(channel => sender.send(channel, messageId, { event: 'journal_booked', at, bytes, host })))
    },
  }
}
