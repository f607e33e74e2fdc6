import { addMonths, localDate, startOfDate } from '#shared/utils/period'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import type { Instances } from '../lib/instances'

const DAY = 24 * 3_600_000
const API_LOG_DAYS = 30
const RUN_DAYS = 30
const NOTIFICATION_DAYS = 90

/** Log rows settled before it (epoch-ms) are not kept: midnight of the same day `months` calendar months ago. */
export const retentionStart = (now: number, months: number, zone: string): number =>
  startOfDate(addMonths(localDate(now, zone), -months), zone)

export interface PruneDeps {
  repos: Pick<Repos, 'prune' | 'usageRepair' | 'taskRuns' | 'notifications' | 'sessions' | 'codes'>
  instances: Pick<Instances, 'prune'>
  clock: Clock
  /** Epoch-ms. */
  logsBefore: number
  /** Called after each batch with the milliseconds it took, to leave the database to others. */
  rest(ms: number): Promise<unknown>
  /** Ends it after the batch under way. */
  signal: AbortSignal
}

/** Removes what is past its time, in batches; roll-ups stay. Answers in words. */
export async function prune({ repos, instances, clock, logsBefore, rest, signal }: PruneDeps): Promise<string> {
  const now = clock.now()
  await repos.usageRepair.removing(logsBefore, now)
  const all = (batch: () => Promise<number>) => inBatches(batch, rest, signal)
  const logs = await all(() => repos.prune.logs(logsBefore))
  const apiLogs = await all(() => repos.prune.apiLogs(now - API_LOG_DAYS * DAY))
  const runs = await repos.taskRuns.prune(RUN_DAYS * DAY)
  const notices = await repos.notifications.prune(now - NOTIFICATION_DAYS * DAY)
  const sessions = await repos.sessions.removeExpired(now)
  const codes = await repos.codes.removeExpired(now)
  const gone = await instances.prune()
  return `${logs} requests, ${apiLogs} access rows, ${runs} task runs, ${notices} notifications, ${sessions} sessions, ${codes} codes, ${gone} instances removed`
}

async function inBatches(batch: () => Promise<number>, rest: PruneDeps['rest'], signal: AbortSignal): Promise<number> {
  let sum = 0
  for (;;) {
    const from = performance.now()
    const count = await batch()
    sum += count
    if (count === 0 || signal.aborted) return sum
    await rest(performance.now() - from)
  }
}
