import { startOfHour } from '#shared/utils/period'
import { nanoToUsd } from '#shared/utils/money'
import { missing, rollUp, type RollUps, type Sums } from '../billing/rollups'
import type { Repos } from '../db/repos/index'
import type { Bucket } from '../db/repos/usage-check'
import type { Standing } from '../db/repos/usage-repair'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { bookMissing, type Look } from './book-missing'
import { daysBack, localDayOf, makeupOf, type LocalDay } from './local-days'

const HOUR = 3_600_000
const SESSIONS_PER_LOOK = 50
const DAY = 24 * HOUR

export interface VerifyDeps {
  repos: Pick<Repos, 'usageCheck' | 'usageDays' | 'usageRepair'>
  clock: Clock
  timeZone: string
  logger: Logger
  /** Rows settled before it (epoch-ms) may be removed at any time. */
  retainedFrom(): number
  /** Called after each look with the milliseconds it took, to leave the database to others. */
  rest(ms: number): Promise<void>
  /** Ends it after the day under way. */
  signal: AbortSignal
}

export interface Verification {
  days: number
  /** Roll-ups that were off, and were repaired. */
  repaired: { hourly: number, daily: number, sessions: number }
  /** What was booked by that. */
  requests: number
  costNano: number
}

/**
 * Compares the roll-ups of all days whose log rows are all kept with those rows, and books what is missing or too much.
 * Writers are never held up: a look locks nothing, a repair is one small transaction. A booking changes rows and roll-ups
 * alike, so what a look finds missing still is when it gets booked.
 */
export async function verifyRollUps(deps: VerifyDeps): Promise<Verification> {
  const { repos, clock, timeZone, logger, retainedFrom, rest, signal } = deps
  const found: Verification = { days: 0, repaired: { hourly: 0, daily: 0, sessions: 0 }, requests: 0, costNano: 0 }

  async function timed<T>(look: () => Promise<T>): Promise<T> {
    const from = performance.now()
    const result = await look()
    await rest(performance.now() - from)
    return result
  }

  async function settle(look: Look): Promise<void> {
    const booked = await bookMissing(deps, look)
    if (!booked) return
    for (const [name, list] of Object.entries(booked) as [keyof RollUps, Sums[]][]) found.repaired[name] += list.length
    for (const { requests, costNano } of booked.hourly ?? []) {
      found.requests += requests
      found.costNano += costNano
    }
    logger.warn({ booked }, 'roll-ups were not the sum of their log rows and have been repaired')
  }

  const kept = (seen: Standing) => Math.max(seen.keptFrom, retainedFrom())
  const counted = ({ rows }: Bucket) => rollUp(rows, [], timeZone)

  async function checkHour(hour: number): Promise<void> {
    for (const key of await timed(() => repos.usageCheck.hourlyOff(hour))) {
      await settle(async (seen) => {
        const bucket = await repos.usageCheck.hourly(key)
        const lacking = hour >= kept(seen) ? missing(counted(bucket).hourly[0], bucket.booked) : null
        return lacking && { hourly: [{ ...key, ...lacking }] }
      })
    }
  }

  async function checkDay(local: LocalDay): Promise<void> {
    await settle(async (seen) => {
      if (local.from < kept(seen)) return null
      const daily = await timed(() => repos.usageDays.missing(makeupOf(local, kept(seen))))
      return daily.length > 0 ? { daily } : null
    })
    const { day, from, to } = local
    for (const groupId of await timed(() => repos.usageCheck.groupsOff(day, from, to))) {
      await settle(async (seen) => {
        const bucket = await repos.usageCheck.groupDay(groupId, day, from, to)
        const lacking = from >= kept(seen) ? missing(counted(bucket).daily.find(each => each.scope === 'group'), bucket.booked) : null
        return lacking && { daily: [{ scope: 'group', scopeId: groupId, day, ...lacking }] }
      })
    }
  }

  async function checkSessions({ from, to }: LocalDay): Promise<void> {
    const sessions = await timed(() => repos.usageCheck.sessionsBetween(from, to))
    for (let at = 0; at < sessions.length; at += SESSIONS_PER_LOOK) {
      for (const key of await timed(() => repos.usageCheck.sessionsOff(sessions.slice(at, at + SESSIONS_PER_LOOK)))) {
        await settle(async (seen) => {
          const bucket = await repos.usageCheck.session(key)
          const whole = bucket.firstAt === null || bucket.firstAt >= kept(seen)
          const sums = counted(bucket).sessions[0]
          const lacking = whole ? missing(sums, bucket.booked) : null
          const at = bucket.firstAt ?? clock.now()
          return lacking && { sessions: [{ ...key, userId: sums?.userId ?? '', firstAt: sums?.firstAt ?? at, lastAt: sums?.lastAt ?? at, ...lacking }] }
        })
      }
    }
  }

  const keptFrom = kept(await repos.usageRepair.standing(clock.now()))
  const { oldestRow, oldestHour } = await repos.usageDays.span()
  const oldest = Math.max(keptFrom, Math.min(oldestRow ?? clock.now(), oldestHour ?? clock.now()))
  for (const day of daysBack(oldest, clock.now() + DAY, timeZone)) {
    if (signal.aborted) break
    const local = localDayOf(day, timeZone)
    if (local.from < keptFrom && local.to <= keptFrom) continue
    for (let hour = startOfHour(local.from); hour < local.to; hour += HOUR) {
      if (hour >= keptFrom) await checkHour(hour)
    }
    if (local.from < keptFrom) continue
    await checkDay(local)
    await checkSessions(local)
    if (local.from <= clock.now()) found.days++
  }
  return found
}

/** In words, for the record of tasks. */
export function verificationText({ days, repaired: { hourly, daily, sessions }, requests, costNano }: Verification): string {
  if (hourly + daily + sessions === 0) return `${days} days checked, all roll-ups equal their rows`
  return `${days} days checked; repaired ${hourly} hourly, ${daily} daily and ${sessions} session roll-ups (${requests} requests, ${nanoToUsd(costNano)} USD)`
}
