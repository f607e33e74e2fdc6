import type { Clock } from '../lib/clock'
import type { PoolAccount } from '../platforms/platform'
import { draw, lastResort, obstacle, sift, type Skipped, type Wanted } from './choose'
import { accountLine, poolLine, wakeNext, type Turn, type WaitingQueue, type Woken } from './queue'
import type { Rooms, Seat } from './rooms'
import { soonestReset } from './spend-first'
import type { Sticky } from './sticky'

export interface AssignContext extends Omit<Wanted, 'now' | 'lacks'> {
  candidates(): readonly PoolAccount[]
  /** Group of the pool; null: the shared one. */
  groupId: string | null
  /** Sticky key, or null when the client names no session. */
  session: string | null
  /** Aborts when the client leaves. Asked for only by who must wait: most never do. */
  readonly signal: AbortSignal
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
  /** Does the usage window that resets soonest go first inside one priority? Absent: never. */
  soonestResetFirst?(): boolean
  /** How long a request waits for a place on any account, and a session for its own account, milliseconds. */
  waits: { room: number, sticky: number }
}

/**
 * Gives a request an account and a place on it. A session's own account first; else by priority and weight. Who meets nothing
 * but full accounts waits in line. When all that is left is cooling down, the account that returns soonest is tried anyway.
 */
export function createAssigner({ sticky, rooms, queue, clock, random, lacks, soonestResetFirst, waits }: AssignDeps) {
  rooms.onRelease(account => void wakeNext(queue, account))
  const wanted = ({ model, tried }: AssignContext): Wanted => ({ model, tried, lacks, now: clock.now() })
  const look = (context: AssignContext): { fit: PoolAccount[], skipped: Skipped[] } => sift(context.candidates(), wanted(context))
  /** One account of the pool, if it can take the request. */
  const fitOf = (context: AssignContext, id: string): PoolAccount | null => {
    const account = context.candidates().find(one => one.id === id)
    return account && !obstacle(account, wanted(context)) ? account : null
  }

  /** Tries the accounts in drawn order until one has a place. */
  async function seatAny(fit: PoolAccount[], skipped: Skipped[]): Promise<Seat | null> {
    const left = [...fit]
    while (left.length > 0) {
      const account = draw(soonestResetFirst?.() ? soonestReset(left, clock.now()) : left, random)
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
    let turn: Turn | null = null
    try {
      for (let woken: Woken | null = null; ;) {
        const account = fitOf(context, held)
        const taken = account && await rooms.take(account, false)
        if (taken && typeof taken !== 'string') {
          if (woken === 'look') wakeNext(queue, taken.account, 'look')
          return taken
        }
        if (taken === 'room') {
          turn ??= queue.join(accountLine(held), () => [held])
          woken = await turn.wait(deadline - clock.now(), context.signal)
          if (woken) continue
        }
        if (!context.signal.aborted) await sticky.drop(session, held)
        return null
      }
    }
    finally {
      turn?.leave()
    }
  }

  /** A new session is claimed at once, so that its parallel first requests meet on one account. */
  async function claim(context: AssignContext, session: string, seat: Seat): Promise<Seat> {
    const owner = await sticky.claim(session, seat.account.id)
    if (owner === seat.account.id) return seat
    const other = fitOf(context, owner)
    const taken = other && await rooms.take(other, false)
    if (!taken || typeof taken === 'string') return seat
    seat.release()
    return taken
  }

  /** A place on any account of the pool, in turn. Who comes later does not overtake the line, but may use what nobody in it can. */
  async function seatInTurn(context: AssignContext): Promise<Assignment> {
    const deadline = clock.now() + waits.room
    const line = poolLine(context.groupId)
    const isTaken = ({ id, maxConcurrency }: PoolAccount): boolean => maxConcurrency > 0 && (queue.wanted(line, id) || queue.wanted(accountLine(id), id))
    let turn: Turn | null = null
    try {
      for (let woken: Woken | null = null; ;) {
        const { fit, skipped } = look(context)
        const behind = turn ? [] : fit.filter(isTaken)
        const seat = await seatAny(fit.filter(account => !behind.includes(account)), skipped)
        if (seat && woken === 'look') wakeNext(queue, seat.account, 'look')
        if (seat) return { seat, skipped }
        for (const account of behind) skipped.push({ account, reason: 'room', until: null })
        if (!skipped.some(({ reason }) => reason === 'room')) return await seatAnyway(skipped)
        turn ??= queue.join(line, () => look(context).fit.map(({ id }) => id))
        woken = await turn.wait(deadline - clock.now(), context.signal)
        if (!woken) return { seat: null, skipped }
      }
    }
    finally {
      turn?.leave()
    }
  }

  async function seatAnyway(skipped: Skipped[]): Promise<Assignment> {
    const last = lastResort(skipped)
    const forced = last && await rooms.take(last, true)
    return { seat: forced && typeof forced !== 'string' ? forced : null, skipped }
  }

  return async function assign(context: AssignContext): Promise<Assignment> {
    const { session } = context
    const own = session === null ? null : await seatOfSession(context, session)
    if (own) return { seat: own, skipped: [] }
    const { seat, skipped } = await seatInTurn(context)
    return { seat: seat && session !== null ? await claim(context, session, seat) : seat, skipped }
  }
}

export type Assign = ReturnType<typeof createAssigner>
