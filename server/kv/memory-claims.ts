import type { Clock } from '../lib/clock'
import { costPeriods, COUNTER_TTL_MS, TICKET_TTL_MS, type Base, type Claim, type Claims, type CostPeriod, type Spans, type Spent } from './claims'
import { ExpiringMap } from './expiring-map'
import { HitWindow } from './hit-window'

interface Counter extends Base {
  positions: Record<string, string>
}

interface Running { expiresAt: number, estimate: number }

/** Claims in this process's memory: each step runs without a pause. */
export function createMemoryClaims(clock: Clock): Claims & { clear(): void } {
  const hits = new ExpiringMap<HitWindow>(clock)
  const running = new ExpiringMap<Map<string, Running>>(clock)
  const counters = new ExpiringMap<Counter>(clock)
  const tickets = new ExpiringMap<string>(clock)
  let drops = 0

  function living(subject: string): Map<string, Running> {
    const all = running.get(subject) ?? new Map<string, Running>()
    for (const [token, { expiresAt }] of all) if (expiresAt <= clock.now()) all.delete(token)
    return all
  }

  function hold(subject: string, token: string, { ttlMs, estimate }: { ttlMs: number, estimate: number }): void {
    const all = living(subject).set(token, { expiresAt: clock.now() + ttlMs, estimate })
    running.set(subject, all, Math.max(...[...all.values()].map(one => one.expiresAt)))
  }

  function refusal({ subject, rate, places, caps, spans, estimate }: Claim) {
    const all = living(subject)
    const counter = counters.get(subject)
    if (caps && counter) {
      const reserved = reservedOf(all)
      for (const period of costPeriods) {
        const cap = caps[period]
        if (cap === undefined) continue
        const used = usedIn(counter, period, spans)
        if (used >= cap || (reserved > 0 && used + reserved + estimate > cap)) return { result: 'cap', period, used, reserved } as const
      }
    }
    if (places !== null && all.size >= places) return { result: 'places', count: all.size } as const
    if (!rate) return null
    const window = hits.get(subject)
    const retryAfterMs = (window ?? new HitWindow()).retryAfterMs(clock.now(), rate.max, rate.windowMs)
    return retryAfterMs === null ? null : { result: 'rate', count: window?.count ?? 0, retryAfterMs } as const
  }

  function addHit(subject: string, windowMs: number): void {
    const now = clock.now()
    const window = hits.get(subject) ?? new HitWindow()
    window.add(now)
    hits.set(subject, window, now + windowMs)
  }

  return {
    async take(claim) {
      const { subject, rate, places, caps } = claim
      const counter = counters.get(subject)
      if (caps && !counter) return { local: true, result: 'absent', ticket: tickets.get(subject) ?? '' }
      const refused = refusal(claim)
      if (refused) return { local: true, ...refused }
      if (rate) addHit(subject, rate.windowMs)
      if (caps || places !== null) hold(subject, claim.token, claim)
      return { local: true, result: 'taken' }
    },
    async keep(subject, token, how) {
      hold(subject, token, how)
    },
    async count(subject, { writer, after, entries, ended }) {
      const all = living(subject)
      for (const token of ended) all.delete(token)
      const counter = counters.get(subject)
      if (!counter) return { local: true, result: 'absent' }
      const applied = counter.positions[writer] ?? ''
      if (applied < after) return { local: true, result: 'gap', applied }
      addSpent(counter, writer, entries)
      counters.set(subject, counter, clock.now() + COUNTER_TTL_MS)
      return { local: true, result: 'counted' }
    },
    async build(subject, { spans, sums, positions }, how) {
      const replace = 'replace' in how
      if (!replace && counters.get(subject)) return 'kept'
      if (!replace && (tickets.get(subject) ?? '') !== how.ticket) return 'again'
      counters.set(subject, { spans: { ...spans }, sums: { ...sums }, positions: { ...positions } }, clock.now() + COUNTER_TTL_MS)
      return 'built'
    },
    async drop(subject) {
      counters.delete(subject)
      tickets.set(subject, String(++drops), clock.now() + TICKET_TTL_MS)
      return { local: true }
    },
    async read(subject, spans) {
      const counter = counters.get(subject)
      if (!counter) return { local: true, ticket: tickets.get(subject) ?? '' }
      const all = living(subject)
      const used = (period: CostPeriod) => usedIn(counter, period, spans)
      return { local: true, total: used('total'), month: used('month'), week: used('week'), day: used('day'), reserved: reservedOf(all), running: all.size }
    },
    clear() {
      for (const map of [hits, running, counters, tickets]) map.clear()
    },
  }
}

const reservedOf = (all: Map<string, Running>): number => [...all.values()].reduce((sum, { estimate }) => sum + estimate, 0)

/** A period that began after the last entry holds nothing yet. */
const usedIn = ({ spans, sums }: Base, period: CostPeriod, wanted: Spans): number =>
  period === 'total' || spans[period] >= wanted[period] ? sums[period] : 0

/** Adds entries past the writer's position to a base; what belongs to an earlier period than the one counted is left out there. */
export function addSpent(base: Base & { positions: Record<string, string> }, writer: string, entries: readonly Spent[]): void {
  for (const entry of entries) {
    if (entry.position <= (base.positions[writer] ?? '')) continue
    base.positions[writer] = entry.position
    base.sums.total += entry.amount
    for (const period of ['day', 'week', 'month'] as const) {
      if (entry[period] > base.spans[period]) {
        base.spans[period] = entry[period]
        base.sums[period] = entry.amount
      }
      else if (entry[period] === base.spans[period]) base.sums[period] += entry.amount
    }
  }
}
