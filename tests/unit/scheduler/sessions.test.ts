import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import { createLogger } from '#server/lib/logger'
import type { PoolAccount } from '#server/platforms/platform'
import { createAssigner } from '#server/scheduler/assign'
import { obstacle, sift } from '#server/scheduler/choose'
import { createQueue } from '#server/scheduler/queue'
import { createRooms, type Rooms, type Seat } from '#server/scheduler/rooms'
import { nextState, type StateEvent } from '#server/scheduler/state'
import { createSticky } from '#server/scheduler/sticky'
import { handClock, poolAccount, seeded } from '../../helpers/pool'

const SESSIONS = 1_000
const TURNS = 20
const MAX_ATTEMPTS = 3
const WEIGHTS = [10, 10, 20, 20, 30, 30, 40, 40, 50, 50]
const CAPS = [0, 3, 0, 4, 5, 0, 6, 7, 8, 9]

/** What one request saw of its accounts: in the order asked, and who had no place. */
interface Trace {
  session: string
  asked: string[]
  refused: Set<string>
}

function simulation(seed: number) {
  const random = seeded(seed)
  const clock = handClock(1_000_000)
  const kv = createMemoryKv({ clock })
  const sticky = createSticky(kv)
  const trace = new AsyncLocalStorage<Trace>()
  const rooms = createRooms({ kv, clock, logger: createLogger({ level: 'silent' }) })
  const traced: Rooms = {
    ...rooms,
    async take(account, force) {
      const seen = trace.getStore()
      seen?.asked.push(account.id)
      const taken = await rooms.take(account, force)
      if (seen && typeof taken === 'string') {
        seen.refused.add(account.id)
        excuse(seen.session, home => home === account)
      }
      return taken
    },
  }
  const assign = createAssigner({ sticky, rooms: traced, queue: createQueue(), clock, random, lacks: () => false, waits: { room: 0, sticky: 0 } })
  const pool = WEIGHTS.map((weight, i) => poolAccount(`a${i}`, { weight, maxConcurrency: CAPS[i]! }))
  const byId = new Map(pool.map(account => [account.id, account]))
  const never = new AbortController().signal
  const homes = new Map<string, string>()
  const excuses = new Map<string, string>()
  const drawn = new Map(pool.map(({ id }) => [id, { seen: 0, expected: 0 }]))
  const seen = { moves: 0, unexcused: [] as string[], strays: [] as string[], overCap: [] as string[], unserved: 0, answers: 0 }

  const wanted = (tried: ReadonlySet<string>) => ({ model: 'claude-opus-5-5', tried, lacks: () => false, now: clock.now() })

  /** Compares where a session lives now with where it lived; a move needs the old account's failing at that moment. */
  async function observe(session: string): Promise<string | null> {
    const home = await kv.get(session)
    const before = homes.get(session)
    if (home === null || home === before) return home
    homes.set(session, home)
    if (before === undefined) return home
    seen.moves++
    if (excuses.get(session) !== before) seen.unexcused.push(`${session}: ${before} → ${home}`)
    excuses.delete(session)
    return home
  }

  function excuse(session: string, failing: (home: PoolAccount) => boolean): void {
    const home = byId.get(homes.get(session) ?? '')
    if (home && failing(home)) excuses.set(session, home.id)
  }

  function countDraw(fit: PoolAccount[], first: string | undefined): void {
    if (first === undefined || fit.length === 0) return
    const total = fit.reduce((sum, { weight }) => sum + weight, 0)
    drawn.get(first)!.seen++
    for (const { id, weight } of fit) drawn.get(id)!.expected += weight / total
  }

  function failure(): StateEvent | null {
    const dice = random()
    if (dice < 0.02) return { kind: 'transient', reason: 'overloaded', evidence: null }
    if (dice < 0.0215) return { kind: 'limited', reason: 'rate_limited', evidence: null, until: clock.now() + Math.floor(random() * 60_000), family: null }
    return dice < 0.0218 ? { kind: 'fault', reason: 'unauthorized', evidence: null, until: null } : null
  }

  async function seatFor(session: string, tried: ReadonlySet<string>, isNew: boolean): Promise<Seat | null> {
    const mine: Trace = { session, asked: [], refused: new Set() }
    const { fit } = sift(pool, wanted(tried))
    const before = homes.get(session)
    const candidates = (): PoolAccount[] => {
      excuse(session, home => obstacle(home, wanted(tried)) !== null)
      return pool
    }
    const { seat } = await trace.run(mine, () => assign({ candidates, groupId: null, model: 'claude-opus-5-5', session, tried, signal: never }))
    if (isNew) countDraw(fit, mine.asked[0])
    const home = await observe(session)
    const stayed = home !== null && (before === undefined || before === home)
    if (seat && stayed && seat.account.id !== home && !mine.refused.has(home) && !tried.has(home)) seen.strays.push(`${session}: on ${seat.account.id}, lives on ${home}`)
    return seat
  }

  /** One request as the attempt loop makes it. */
  async function turn(session: string, isNew: boolean): Promise<void> {
    const tried = new Set<string>()
    while (tried.size < MAX_ATTEMPTS) {
      const seat = await seatFor(session, tried, isNew && tried.size === 0)
      if (!seat) break
      const { account } = seat
      if (account.maxConcurrency > 0 && rooms.inFlight(account.id) > account.maxConcurrency) seen.overCap.push(account.id)
      for (let wait = Math.floor(random() * 30); wait > 0; wait--) await Promise.resolve()
      tried.add(account.id)
      const event = failure()
      if (!event) await sticky.confirm(session, account.id)
      account.state = nextState(account.state, event ?? { kind: 'success' }, clock.now())
      seat.release()
      if (!event) {
        seen.answers++
        await observe(session)
        return
      }
      excuse(session, home => home === account)
      await sticky.drop(session, account.id)
    }
    seen.unserved++
  }

  async function run(): Promise<void> {
    for (let round = 0; round < TURNS; round++) {
      for (let first = 0; first < SESSIONS; first += 25) {
        const batch = Array.from({ length: 25 }, (_, i) => `s${first + i}`)
        await Promise.all(batch.flatMap((session) => {
          const twice = round === 0 || random() < 0.1
          return twice ? [turn(session, round === 0), turn(session, false)] : [turn(session, false)]
        }))
        clock.time += 1_000
        for (const account of pool) {
          account.state = nextState(account.state, { kind: 'released' }, clock.now())
          if (account.state.nextProbe !== null && account.state.nextProbe <= clock.now()) account.state = nextState(account.state, { kind: 'probe_ok' }, clock.now())
        }
      }
    }
    rooms.stop()
  }

  return { run, seen, drawn, homes, pool, rooms }
}

it('1,000 sessions of 20 turns move only when their account fails, once each time, and never back by themselves', async () => {
  const { run, seen, drawn, homes, pool, rooms } = simulation(11)
  await run()
  expect(homes.size).toBe(SESSIONS)
  expect(seen.moves).toBeGreaterThan(200)
  expect(seen.unexcused).toEqual([])
  expect(seen.strays).toEqual([])
  expect(seen.overCap).toEqual([])
  expect(seen.unserved / seen.answers).toBeLessThan(0.02)
  expect(pool.map(({ id }) => rooms.inFlight(id))).toEqual(pool.map(() => 0))
  const counts = [...drawn.values()]
  expect(counts.reduce((sum, { seen: count }) => sum + count, 0)).toBe(SESSIONS)
  const chi2 = counts.reduce((sum, { seen: count, expected }) => sum + (count - expected) ** 2 / expected, 0)
  expect(chi2).toBeLessThan(21.67) // p > 0.01 at 9 degrees of freedom
})
