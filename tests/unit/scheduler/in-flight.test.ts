import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createInFlight } from '#server/scheduler/in-flight'
import { createRooms, type Seat } from '#server/scheduler/rooms'
import { poolAccount as account } from '../../helpers/pool'

const logger = createLogger({ level: 'silent' })
const one = account('one')

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

function setUp() {
  const kv = createMemoryKv({ clock: systemClock })
  return async (instanceId: string) => {
    const life = { killed: false }
    const own = { ...kv, publish: (channel: string, message: string) => life.killed ? Promise.resolve() : kv.publish(channel, message) }
    const rooms = createRooms({ kv, clock: systemClock, logger })
    return { life, take: async () => await rooms.take(one, false) as Seat, inFlight: await createInFlight({ kv: own, rooms, instanceId, clock: systemClock, logger }) }
  }
}

it('counts what runs on every instance, and forgets it when it ends', async () => {
  const instance = setUp()
  const [a, b] = [await instance('a'), await instance('b')]
  const seats = [await a.take(), await a.take(), await b.take()]
  expect([a.inFlight.of('one'), b.inFlight.of('one')]).toEqual([2, 1])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([a.inFlight.of('one'), b.inFlight.of('one')]).toEqual([3, 3])
  for (const seat of seats) seat.release()
  expect([a.inFlight.of('one'), b.inFlight.of('one')]).toEqual([1, 2])
  await vi.advanceTimersByTimeAsync(1_000)
  expect([a.inFlight.of('one'), b.inFlight.of('one')]).toEqual([0, 0])
})

it('reaches an instance that starts while a long request runs', async () => {
  const instance = setUp()
  const a = await instance('a')
  await a.take()
  await vi.advanceTimersByTimeAsync(1_000)
  const late = await instance('late')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(late.inFlight.of('one')).toBe(1)
})

it('does not keep the numbers of an instance that ended, in good order or not', async () => {
  const instance = setUp()
  const [a, b, c] = [await instance('a'), await instance('b'), await instance('c')]
  await a.take()
  await b.take()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(c.inFlight.of('one')).toBe(2)
  await a.inFlight.stop()
  await vi.advanceTimersByTimeAsync(0)
  expect(c.inFlight.of('one')).toBe(1)
  b.life.killed = true
  await vi.advanceTimersByTimeAsync(14_000)
  expect(c.inFlight.of('one')).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(c.inFlight.of('one')).toBe(0)
})

it('costs nothing while nothing runs', async () => {
  const kv = createMemoryKv({ clock: systemClock })
  const publish = vi.spyOn(kv, 'publish')
  await createInFlight({ kv, rooms: createRooms({ kv, clock: systemClock, logger }), instanceId: 'a', clock: systemClock, logger })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(publish).not.toHaveBeenCalled()
})
