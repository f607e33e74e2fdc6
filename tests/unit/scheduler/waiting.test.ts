import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import type { Kv } from '#server/kv/kv'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import type { PoolAccount } from '#server/platforms/platform'
import { createAssigner, type AssignContext } from '#server/scheduler/assign'
import { createQueue } from '#server/scheduler/queue'
import { shareReleases } from '#server/scheduler/releases'
import { createRooms, type Seat } from '#server/scheduler/rooms'
import { createSticky } from '#server/scheduler/sticky'
import { poolAccount as account, seeded } from '../../helpers/pool'

// Who waits for a place must get the next one that fits, wherever and however it becomes free.

const LEASE_MS = 30_000
const LOOK_MS = 1_000
const logger = createLogger({ level: 'silent' })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

async function instance(instanceId: string, kv: Kv, candidates: PoolAccount[], waits = { room: 600_000, sticky: 600_000 }) {
  const rooms = createRooms({ kv, clock: systemClock, logger })
  const queue = createQueue()
  await shareReleases({ kv, rooms, queue, instanceId, logger })
  const assign = createAssigner({ sticky: createSticky(kv), rooms, queue, clock: systemClock, random: seeded(1), lacks: () => false, waits })
  return {
    rooms, queue,
    seat: async (over: Partial<AssignContext> = {}) => (await assign({ candidates: () => candidates, groupId: null, model: 'm', session: null, tried: new Set(), signal: new AbortController().signal, ...over })).seat,
  }
}

/** Tells, at any moment, who has a seat by now. */
function follow(asked: Record<string, Promise<Seat | null>>) {
  const seats = new Map<string, Seat | null>()
  for (const [name, seat] of Object.entries(asked)) void seat.then(got => seats.set(name, got))
  return async (ms = 0) => {
    await vi.advanceTimersByTimeAsync(ms)
    return Object.fromEntries([...seats].map(([name, seat]) => [name, seat?.account.id ?? null]))
  }
}

describe('on one instance', () => {
  it('who can use what nobody in line can is not held up by the line', async () => {
    const [free, full] = [account('free', { maxConcurrency: 1 }), account('full', { maxConcurrency: 1 })]
    const { seat, rooms } = await instance('one', createMemoryKv({ clock: systemClock }), [free, full])
    await rooms.take(full, false)
    const seats = follow({ first: seat({ tried: new Set(['free']) }), second: seat() })
    expect(await seats()).toEqual({ second: 'free' })
  })

  it('a place wakes the first who can use it, not the first in line', async () => {
    const [a, b] = [account('a', { maxConcurrency: 1 }), account('b', { maxConcurrency: 1 })]
    const { seat, rooms } = await instance('one', createMemoryKv({ clock: systemClock }), [a, b])
    const onA = await rooms.take(a, false) as Seat
    await rooms.take(b, false)
    const seats = follow({ first: seat({ tried: new Set(['a']) }), second: seat() })
    await seats()
    onA.release()
    expect(await seats()).toEqual({ second: 'a' })
  })

  it('who was woken keeps the place against one who comes meanwhile', async () => {
    const a = account('a', { maxConcurrency: 1 })
    const { seat, rooms } = await instance('one', createMemoryKv({ clock: systemClock }), [a])
    const holder = await rooms.take(a, false) as Seat
    const first = seat()
    await vi.advanceTimersByTimeAsync(0)
    holder.release()
    const seats = follow({ first, late: seat() })
    expect(await seats(5_000)).toEqual({ first: 'a' })
  })

  it('a cap that is raised, and an account that comes back, let all in whom they have places for', async () => {
    const [a, off] = [account('a', { maxConcurrency: 1 }), account('off', { maxConcurrency: 2, enabled: false })]
    const { seat, rooms } = await instance('one', createMemoryKv({ clock: systemClock }), [a, off])
    await rooms.take(a, false)
    const seats = follow(Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`w${i}`, seat()])))
    expect(await seats(LOOK_MS)).toEqual({})
    off.enabled = true
    expect(Object.values(await seats(LOOK_MS))).toEqual(['off', 'off'])
    a.maxConcurrency = 3
    expect(Object.values(await seats(LOOK_MS))).toEqual(['off', 'off', 'a', 'a'])
  })

  it('nobody stays in line who left it', async () => {
    const a = account('a', { maxConcurrency: 1 })
    const { seat, rooms, queue } = await instance('one', createMemoryKv({ clock: systemClock }), [a], { room: 5_000, sticky: 5_000 })
    await rooms.take(a, false)
    const left = new AbortController()
    const seats = follow({ late: seat(), gone: seat({ signal: left.signal }) })
    await seats()
    expect(queue.length).toBe(2)
    left.abort()
    expect(await seats(5_000)).toEqual({ gone: null, late: null })
    expect([queue.length, queue.wanted('pool:', 'a')]).toEqual([0, false])
  })
})

describe('over two instances', () => {
  async function both(waits?: { room: number, sticky: number }) {
    const kv = createMemoryKv({ clock: systemClock })
    const pool = () => [account('a', { maxConcurrency: 1 })]
    return { kv, here: await instance('here', kv, pool(), waits), there: await instance('there', kv, pool(), waits) }
  }

  it('a place that becomes free on one wakes who waits on the other, a session before all others', async () => {
    const { here, there } = await both()
    const holder = (await here.seat({ session: 's' }))!
    const seats = follow({ any: there.seat(), own: there.seat({ session: 's' }) })
    expect(await seats()).toEqual({})
    holder.release()
    expect(await seats()).toEqual({ own: 'a' })
  })

  it('what an instance that died held is taken by the line of the other once its time is over, though new ones come all the time', async () => {
    const { here: dying, there } = await both({ room: 10_000, sticky: 0 })
    await dying.seat()
    dying.rooms.stop()
    const asked: Promise<Seat | null>[] = []
    for (let second = 0; second < LEASE_MS / 1_000; second++) {
      asked.push(there.seat())
      await vi.advanceTimersByTimeAsync(1_000)
    }
    const seats = follow(Object.fromEntries(asked.map((seat, i) => [`w${i}`, seat])))
    expect(Object.values(await seats(LOOK_MS)).filter(Boolean)).toEqual(['a'])
  })

  it('a message that is lost costs a second', async () => {
    const { kv, here, there } = await both()
    vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
    const holder = (await here.seat())!
    const seats = follow({ waiting: there.seat() })
    await seats()
    holder.release()
    expect(await seats(LOOK_MS)).toEqual({ waiting: 'a' })
  })
})
