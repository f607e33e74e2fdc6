import type { Repos } from '../db/repos/index'
import type { OwnedChannel } from '../db/repos/notification-channels'
import type { NotificationRow } from '../db/repos/notifications'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import { parseColumn } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import { facts } from './facts'
import type { Sender } from './sender'

export interface DeliverDeps {
  repos: Pick<Repos, 'notificationChannels' | 'notifications'>
  sender: Sender
  kv: Kv
  clock: Clock
  logger: Logger
}

const MINUTE = 60_000
/** Longer than any attempt takes; afterwards another instance takes the message over. */
const CLAIM_MS = 2 * MINUTE
const MAX_ATTEMPTS = 12
const RETRY_MS = { first: MINUTE, most: 30 * MINUTE }
const ROWS = 200
/** What every vendor takes of one bot: DingTalk, the strictest, 20 a minute. */
const RATE = { max: 15, windowMs: MINUTE }

/** Sends what is due in the outbox, each message from one instance. Gives how many were delivered and how many were not. */
export function createDeliver({ repos: { notifications, notificationChannels }, sender, kv, clock, logger }: DeliverDeps) {
  /** A message nobody may get any more makes room for the same news later. */
  const drop = (row: NotificationRow) => notifications.settle(row.id, { status: 'dropped', endedAt: clock.now(), episode: row.id })

  /** `later`: the channel gets enough for now. `taken`: another instance sends this one. */
  async function send(row: NotificationRow, channel: OwnedChannel): Promise<'sent' | 'failed' | 'taken' | 'later'> {
    if (!await notifications.claim(row, clock.now() + CLAIM_MS)) return 'taken'
    const rate = await kv.hit(`notify:${channel.id}`, RATE.max, RATE.windowMs)
    if (!rate.allowed) {
      await notifications.settle(row.id, { status: 'waiting', dueAt: clock.now() + rate.retryAfterMs, attempts: row.attempts })
      return 'later'
    }
    const { ok, retryAfterMs = 0 } = await sender.send(channel, row.id, parseColumn(facts, row.facts, 'notifications.facts'))
    const now = clock.now()
    if (ok) await notifications.settle(row.id, { status: 'sent', endedAt: now })
    else if (row.attempts + 1 >= MAX_ATTEMPTS) await notifications.settle(row.id, { status: 'failed', endedAt: now })
    else await notifications.settle(row.id, { status: 'waiting', dueAt: now + Math.max(retryAfterMs, pauseAfter(row.attempts + 1)) })
    return ok ? 'sent' : 'failed'
  }

  /** In order, and no further when one fails: the next look tries again. */
  async function sendAll(rows: readonly NotificationRow[], channel: OwnedChannel | undefined): Promise<{ sent: number, failed: number }> {
    let sent = 0
    for (const row of rows) {
      if (!channel) {
        await drop(row)
        continue
      }
      const outcome = await send(row, channel)
      if (outcome === 'sent') sent++
      else if (outcome !== 'taken') return { sent, failed: outcome === 'failed' ? 1 : 0 }
    }
    return { sent, failed: 0 }
  }

  return async function deliver(): Promise<{ sent: number, failed: number }> {
    const due = await notifications.due(clock.now(), ROWS)
    if (due.length === 0) return { sent: 0, failed: 0 }
    const channels = new Map((await notificationChannels.active()).map(channel => [channel.id, channel]))
    const byChannel = new Map<string, NotificationRow[]>()
    for (const row of due) byChannel.set(row.channelId, [...byChannel.get(row.channelId) ?? [], row])
    // A slow channel keeps no other one waiting.
    const outcomes = await Promise.allSettled([...byChannel].map(([id, rows]) => sendAll(rows, channels.get(id))))
    const sum = { sent: 0, failed: 0 }
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        logger.error({ err: outcome.reason as unknown }, 'the messages of a channel could not be dealt with')
        sum.failed++
        continue
      }
      sum.sent += outcome.value.sent
      sum.failed += outcome.value.failed
    }
    return sum
  }
}

const pauseAfter = (attempts: number): number => Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (attempts - 1))
