import type { Repos } from '../db/repos/index'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { createCheck } from './check'
import { createDeliver } from './deliver'
import { createJournalAlarm } from './journal-alarm'
import type { Sender } from './sender'

export interface NotificationsDeps {
  repos: Repos
  kv: Kv
  clock: Clock
  logger: Logger
  sender: Sender
  timeZone: string
  taskNames(): readonly string[]
  journal: { pendingBytes(): number, thresholdBytes: number, host: string }
}

/** Notices what people want to know of, and tells them once. */
export interface Notifications {
  /** One look and one round of deliveries. Gives a short account of what it did. */
  run(): Promise<string>
  /** Runs in a moment, once for all that happens until then. */
  soon(): void
  /** Begins to watch this instance's journal. */
  start(): void
  stop(): Promise<void>
}

const SOON_MS = 1_000
const JOURNAL_PERIOD_MS = 30_000

export function createNotifications({ repos, kv, clock, logger, sender, timeZone, taskNames, journal }: NotificationsDeps): Notifications {
  const check = createCheck({ repos, clock, timeZone, taskNames })
  const deliver = createDeliver({ repos, sender, kv, clock, logger })
  const alarm = createJournalAlarm({ ...journal, channels: () => repos.notificationChannels.active(), sender, clock, logger })
  let moment: NodeJS.Timeout | null = null
  let period: NodeJS.Timeout | null = null
  let running: Promise<unknown> | null = null
  let looking: Promise<void> | null = null

  async function run(): Promise<string> {
    const told = await check()
    const { sent, failed } = await deliver()
    return `${told} new, ${sent} delivered, ${failed} failed`
  }

  return {
    run,
    soon() {
      moment ??= setTimeout(() => {
        moment = null
        running = run().catch((error: unknown) => logger.warn({ err: error }, 'notifications could not be dealt with and are tried again'))
      }, SOON_MS).unref()
    },
    start() {
      period = setInterval(() => {
        looking ??= alarm.look()
          .catch((error: unknown) => logger.error({ err: error }, 'the journal could not be watched'))
          .finally(() => looking = null)
      }, JOURNAL_PERIOD_MS).unref()
    },
    async stop() {
      if (moment) clearTimeout(moment)
      if (period) clearInterval(period)
      await Promise.all([running, looking])
    },
  }
}
