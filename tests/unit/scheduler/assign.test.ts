import { describe, expect, it, vi } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import { createLogger } from '#server/lib/logger'
import type { PoolAccount } from '#server/platforms/platform'
import { createAssigner, type AssignContext } from '#server/scheduler/assign'
import { createQueue } from '#server/scheduler/queue'
import { createRooms, type Seat } from '#server/scheduler/rooms'
import { normalState } from '#server/scheduler/state'
import { handClock, mapSticky, poolAccount as account, seeded } from '../../helpers/pool'
import { fc, runs } from '../../helpers/property'

const never = new AbortController().signal

function setUp(candidates: PoolAccount[], { waits = { room: 0, sticky: 0 }, seed = 1 } = {}) {
  const clock = handClock(1000)
  const kv = createMemoryKv({ clock })
  const sticky = mapSticky()
  const rooms = createRooms({ kv, clock, logger: createLogger({ level: 'silent' }) })
  const queue = createQueue()
  const assign = createAssigner({ sticky, rooms, queue, clock, random: seeded(seed), lacks: () => false, waits })
  const context = (over: Partial<AssignContext> = {}): AssignContext => ({ candidates: () => candidates, groupId: null, model: 'm', session: null, tried: new Set(), signal: never, ...over })
  return { clock, kv, sticky, rooms, queue, context, assign: (over: Partial<AssignContext> = {}) => assign(context(over)) }
}

const cooling = (until: number) => ({ state: { ...normalState(0), name: 'cooling' as const, until, failures: 3 } })

describe('sessions', () => {
  it('two first requests of a session at the same moment meet on one account', async () => {
    const { assign } = setUp(Array.from({ length: 10 }, (_, i) => account(`a${i}`)))
    for (let i = 0; i < 50; i++) {
      const [first, second] = await Promise.all([assign({ session: `s${i}` }), assign({ session: `s${i}` })])
      expect(second.seat!.account.id).toBe(first.seat!.account.id)
    }
  })

  it('move once when their account cannot serve and do not jump back', async () => {
    const [a, b] = [account('a'), account('b', { priority: 200 })]
    const { assign } = setUp([a, b])
    expect((await assign({ session: 's' })).seat!.account.id).toBe('a')
    a.enabled = false
    expect((await assign({ session: 's' })).seat!.account.id).toBe('b')
    a.enabled = true
    expect((await assign({ session: 's' })).seat!.account.id).toBe('b')
  })

  it('wait for a place on their own account before they move', async () => {
    vi.useFakeTimers()
    try {
      const [a, b] = [account('a', { maxConcurrency: 1 }), account('b', { priority: 200 })]
      const { assign } = setUp([a, b], { waits: { room: 0, sticky: 5_000 } })
      const first = await assign({ session: 's' })
      const second = assign({ session: 's' })
      await vi.advanceTimersByTimeAsync(10)
      first.seat!.release()
      expect((await second).seat!.account.id).toBe('a')
      const third = assign({ session: 's' })
      await vi.advanceTimersByTimeAsync(5_001)
      expect((await third).seat!.account.id).toBe('b')
    }
    finally {
      vi.useRealTimers()
    }
  })
})

describe('places', () => {
  it('never exceed the cap, whatever the order of taking and giving back', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(5), { maxLength: 60 }), async (cap, steps) => {
      const { assign, rooms } = setUp([account('a', { maxConcurrency: cap }), account('b', { maxConcurrency: cap })])
      const held: Seat[] = []
      for (const step of steps) {
        if (step < 2 && held.length > 0) held.splice(step % held.length, 1)[0]!.release()
        else held.push(...(await Promise.all(Array.from({ length: step }, () => assign()))).flatMap(({ seat }) => seat ?? []))
        expect(rooms.inFlight('a')).toBeLessThanOrEqual(cap)
        expect(rooms.inFlight('b')).toBeLessThanOrEqual(cap)
        expect(rooms.inFlight('a') + rooms.inFlight('b')).toBe(held.length)
      }
      expect(held.length).toBeLessThanOrEqual(2 * cap)
    }), runs(50))
  })

  it('are given to those who wait in the order of their coming, and a later one does not overtake', async () => {
    vi.useFakeTimers()
    try {
      const { assign } = setUp([account('a', { maxConcurrency: 1 })], { waits: { room: 10_000, sticky: 0 } })
      let holder = (await assign()).seat!
      const order: number[] = []
      const waiting = [1, 2, 3].map(async (name) => {
        const { seat } = await assign()
        order.push(name)
        holder = seat!
      })
      await vi.advanceTimersByTimeAsync(1)
      for (let i = 0; i < 3; i++) {
        holder.release()
        await vi.advanceTimersByTimeAsync(1)
      }
      await Promise.all(waiting)
      expect(order).toEqual([1, 2, 3])
    }
    finally {
      vi.useRealTimers()
    }
  })

  it('are refused when the waiting time is over, and the line is left by a client that goes away', async () => {
    vi.useFakeTimers()
    try {
      const { assign, queue, clock } = setUp([account('a', { maxConcurrency: 1 })], { waits: { room: 10_000, sticky: 0 } })
      await assign()
      const late = assign()
      const left = new AbortController()
      const gone = assign({ signal: left.signal })
      await vi.advanceTimersByTimeAsync(1)
      expect(queue.length).toBe(2)
      left.abort()
      expect((await gone).seat).toBeNull()
      clock.time += 10_000
      await vi.advanceTimersByTimeAsync(10_000)
      const { seat, skipped } = await late
      expect(seat).toBeNull()
      expect(skipped.map(({ reason }) => reason)).toEqual(['room'])
      expect(queue.length).toBe(0)
    }
    finally {
      vi.useRealTimers()
    }
  })

  it('given back twice are free once', async () => {
    const { assign, kv } = setUp([account('a', { maxConcurrency: 2 })])
    const first = (await assign()).seat!
    await assign()
    first.release()
    first.release()
    await vi.waitFor(async () => expect(await kv.held('room:a')).toBe(1))
  })
})

describe('cooled accounts', () => {
  it('are tried by one request at a time', async () => {
    const { assign } = setUp([account('cooled', cooling(900)), account('well', { priority: 200 })])
    const answers = await Promise.all(Array.from({ length: 20 }, () => assign()))
    expect(answers.filter(({ seat }) => seat!.account.id === 'cooled')).toHaveLength(1)
    answers.find(({ seat }) => seat!.account.id === 'cooled')!.seat!.release()
    await vi.waitFor(async () => expect((await assign()).seat!.account.id).toBe('cooled'))
  })

  it('never leave a pool without any: the one that returns soonest is tried', async () => {
    const { assign } = setUp([account('late', cooling(9000)), account('soon', cooling(5000)), account('broken', { state: { ...normalState(0), name: 'abnormal' } })])
    const answers = await Promise.all(Array.from({ length: 5 }, () => assign()))
    expect(answers.map(({ seat }) => seat?.account.id)).toEqual(Array.from({ length: 5 }, () => 'soon'))
    expect((await assign({ tried: new Set(['soon', 'late']) })).seat).toBeNull()
  })
})
