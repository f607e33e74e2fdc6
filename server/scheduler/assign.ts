import type { Clock } from '../lib/clock'
import type { PoolAccount } from '../platforms/platform'
import { draw, lastResort, sift, type Skipped, type Wanted } from './choose'
import type { WaitingQueue } from './queue'
import type { Rooms, Seat } from './rooms'
import type { Sticky } from './sticky'

export interface AssignContext extends Omit<Wanted, 'now' | 'lacks'> {
  candidates(): readonly PoolAccount[]
  /** Names the pool for those who wait. */
  pool: string
  /** Sticky key, or null when the client names no session. */
  session: string | null
  /** Aborts when the client leaves. */
  signal: AbortSignal
}

export interface Assignment {
  /** Null: no account can take the request now. */
  seat: Seat | null
  skipped: Skipped[]
}

export interface AssignDeps {
  sticky: Sticky
  rooms: Rooms
  queue: WaitingQueue
  clock: Clock
  random: () => number
  lacks: Wanted['lacks']
  /** How long a request waits for a place on any account, and a session for its own account, milliseconds. */
  waits: { room: number, sticky: number }
}

const accountLine = (id: string): string => `account:${id}`

/**
 * Gives a request an account and a place on it. A session's own account first; else by priority and weight. Who meets nothing
 * but full accounts waits in line. When all that is left is cooling down, the account that returns soonest is tried anyway.
 */
export function createAssigner({ sticky, rooms, queue, clock, random, lacks, waits }: AssignDeps) {
  rooms.onRelease((account) => {
    if (!queue.wake(accountLine(account.id))) queue.wake(account.groupId ?? '')
  })

  /** Tries the accounts in drawn order until one has a place. */
  async function seatAny(fit: PoolAccount[], skipped: Skipped[]): Promise<Seat | null> {
    const left = [...fit]
    while (left.length > 0) {
      const account = draw(left, random)
      const taken = await rooms.take(account, false)
      if (typeof taken !== 'string') return taken
      skipped.push({ account, reason: taken, until: null })
      left.splice(left.indexOf(account), 1)
    }
    return null
  }

  async function seatOfSession(context: AssignContext, session: string): Promise<Seat | null> {
    const held = await sticky.get(session)
    if (held === null) return null
    const deadline = clock.now() + waits.sticky
    for (let waited = false; ; waited = true) {
      const { fit } = sift(context.candidates(), { ...context, lacks, now: clock.now() })
      const account = fit.find(one => one.id === held)
      const taken = account && await rooms.take(account, false)
      if (taken && taken !== 'room' && taken !== 'trial') return taken
      if (taken === 'room' && await queue.wait(accountLine(held), deadline - clock.now(), context.signal, waited)) continue
      if (!context.signal.aborted) await sticky.drop(session, held)
      return null
    }
  }

  /** A new session is claimed at once, so that its parallel first requests meet on one account. */
  async function claim(context: AssignContext, session: string, seat: Seat): Promise<Seat> {
    const owner = await sticky.claim(session, seat.account.id)
    if (owner === seat.account.id) return seat
    const { fit } = sift(context.candidates(), { ...context, lacks, now: clock.now() })
    const other = fit.find(account => account.id === owner)
    const taken = other && await rooms.take(other, false)
    if (!taken || typeof taken === 'string') return seat
    seat.release()
    return taken
  }

  return async function assign(context: AssignContext): Promise<Assignment> {
    const { session, signal } = context
    const own = session === null ? null : await seatOfSession(context, session)
    if (own) return { seat: own, skipped: [] }
    const deadline = clock.now() + waits.room
    for (let waited = false; ; waited = true) {
      const { fit, skipped } = sift(context.candidates(), { ...context, lacks, now: clock.now() })
      // Who comes later does not overtake the line.
      const behind = !waited && queue.waiting(context.pool) > 0 && fit.every(account => account.maxConcurrency > 0)
      const seat = behind ? null : await seatAny(fit, skipped)
      if (seat) return { seat: session === null ? seat : await claim(context, session, seat), skipped }
      const full = behind || skipped.some(({ reason }) => reason === 'room')
      if (full && await queue.wait(context.pool, deadline - clock.now(), signal, waited)) continue
      const last = full ? null : lastResort(skipped)
      const forced = last && await rooms.take(last, true)
      return { seat: forced && typeof forced !== 'string' ? forced : null, skipped }
    }
  }
}

export type Assign = ReturnType<typeof createAssigner>
