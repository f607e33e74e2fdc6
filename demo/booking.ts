import { newestLast } from './cast'
import { limitOf } from './limits'
import { dice } from './random'
import { monthOf, type PlayedKey } from './requests'
import type { Stage } from './seed'

/** Of how many days there are requests. */
const REQUEST_DAYS = 31
const BOOKED_AT_ONCE = 500
/** Requests of the busiest hour. */
const PER_HOUR = 95

/** As the relay books what it settles, and with what a first and a last use leave behind. */
export async function book({ runtime: { repos, prices, config }, now }: Stage, playedKeys: PlayedKey[], seed: number): Promise<void> {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: config.timeZone, hour: 'numeric', weekday: 'short', hourCycle: 'h23' })
  const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  const clock = (at: number) => {
    const parts: Record<string, string> = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return { hour: Number(parts.hour), weekday: weekdays.indexOf(parts.weekday!) }
  }
  const rows = monthOf({ random: dice(seed), prices, keys: playedKeys, now, days: REQUEST_DAYS, clock, perHour: PER_HOUR })
  for (let from = 0; from < rows.length; from += BOOKED_AT_ONCE) {
    const batch = rows.slice(from, from + BOOKED_AT_ONCE)
    await repos.ledger.book({ file: 'demo', from, to: from + batch.length, at: now, timeZone: config.timeZone, rows: batch })
  }
  await repos.ledger.forget('demo')
  const lastOf = new Map(rows.flatMap(row => [[`key ${row.apiKeyId}`, row.createdAt], [`account ${row.accountId}`, row.createdAt]]))
  for (const { id, madeAt } of playedKeys) {
    const first = rows.find(({ apiKeyId }) => apiKeyId === id)
    if (first) await repos.apiKeys.firstUse(id, Math.max(madeAt, first.startedAt))
    if (first) await repos.apiKeys.touch([id], lastOf.get(`key ${id}`)!)
  }
  for (const { id } of new Set(playedKeys.flatMap(key => key.accounts))) {
    const last = lastOf.get(`account ${id}`)
    if (last !== undefined) await repos.accounts.touch([id], last)
  }
}

/** Where a limit's use stands, and the least limit in USD: the small hours of a Monday must not make it one that the first requests reach. */
const spans = {
  dailyUsd: { of: 'day', least: 1 }, weeklyUsd: { of: 'week', least: 5 }, monthlyUsd: { of: 'month', least: 20 }, totalUsd: { of: 'total', least: 20 },
} as const

/** Limits of which the wanted part is used up by now. */
export async function fitLimits({ runtime: { services }, actors, now, at }: Stage, playedKeys: PlayedKey[]): Promise<void> {
  for (const [n, { used = {}, owner }] of newestLast.entries()) {
    const key = playedKeys[n]!
    const actor = actors.get(owner)!
    at(now)
    const { usage, limits } = await services.keys.get(actor, key.id)
    at(now - (20 - n) * 3_600_000)
    const fitted = (Object.entries(used) as [keyof typeof spans, number][]).map(([name, part]) => [name, limitOf(Number(usage[spans[name].of].usedUsd), part, spans[name].least)])
    if (fitted.length > 0) await services.keys.update(actor, key.id, { limits: { requestsPerMinute: limits.requestsPerMinute, concurrency: limits.concurrency, ...Object.fromEntries(fitted) } })
  }
}
