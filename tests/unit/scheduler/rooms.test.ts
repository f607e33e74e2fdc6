import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Lease } from '#server/kv/kv'
import { createMemoryKv } from '#server/kv/memory'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createRooms, type Seat } from '#server/scheduler/rooms'
import { normalState } from '#server/scheduler/state'
import { poolAccount as account } from '../../helpers/pool'
import { fc, runs } from '../../helpers/property'

const LEASE_MS = 30_000
const logger = createLogger({ level: 'silent' })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Two instances over one kv. */
function setUp() {
  const kv = createMemoryKv({ clock: systemClock })
  const instance = () => createRooms({ kv, clock: systemClock, logger })
  return { kv, dying: instance(), living: instance() }
}

describe('places of an account over two instances', () => {
  it('of an instance that died are free once their time is over, and no sooner', async () => {
    const { dying, living } = setUp()
    const capped = account('a', { maxConcurrency: 2 })
    await dying.take(capped, false)
    await dying.take(capped, false)
    dying.stop()
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1)
    expect(await living.take(capped, false)).toBe('room')
    await vi.advanceTimersByTimeAsync(1)
    expect(await living.take(capped, false)).toMatchObject({ account: capped })
  })

  it('are kept for as long as a request runs', async () => {
    const { dying: first, living: second } = setUp()
    const capped = account('a', { maxConcurrency: 1 })
    const seat = await first.take(capped, false) as Seat
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS)
    expect(await second.take(capped, false)).toBe('room')
    seat.release()
    seat.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second.take(capped, false)).toMatchObject({ account: capped })
    expect(first.inFlight('a')).toBe(0)
  })

  it('can be looked for without being taken', async () => {
    const { dying: first, living: second } = setUp()
    const [free, capped] = [account('free'), account('a', { maxConcurrency: 1 })]
    for (let i = 0; i < 3; i++) expect([await first.look(free), await first.look(capped)]).toEqual([null, null])
    const seat = await first.take(capped, false) as Seat
    expect([await first.look(capped), await second.look(capped)]).toEqual(['room', 'room'])
    seat.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second.look(capped)).toBeNull()
  })

  it('that the kv lost are taken anew, so that the cap holds again', async () => {
    const { kv, dying: first, living: second } = setUp()
    const capped = account('a', { maxConcurrency: 1 })
    const acquired = vi.spyOn(kv, 'acquire')
    await first.take(capped, false)
    await kv.release((await acquired.mock.results[0]!.value as Lease)!)
    await vi.advanceTimersByTimeAsync(LEASE_MS / 3)
    expect(await second.take(capped, false)).toBe('room')
  })

  it('that the kv lost in an outage are taken anew as soon as it is back, and given back like any other', async () => {
    const { kv } = setUp()
    let isBack = (): void => {}
    vi.spyOn(kv, 'onReturn').mockImplementation(listener => void (isBack = listener))
    const acquired = vi.spyOn(kv, 'acquire')
    const rooms = createRooms({ kv, clock: systemClock, logger })
    const capped = account('a', { maxConcurrency: 2, state: { ...normalState(0), name: 'cooling', until: 5, failures: 3 } })
    const seat = await rooms.take(capped, false) as Seat
    for (const { value } of acquired.mock.results) await kv.release((await value as Lease)!)
    expect([await kv.held('room:a'), await kv.held('trial:a')]).toEqual([0, 0])
    isBack()
    await vi.advanceTimersByTimeAsync(0)
    expect([await kv.held('room:a'), await kv.held('trial:a')]).toEqual([1, 1])
    seat.release()
    await vi.advanceTimersByTimeAsync(0)
    expect([await kv.held('room:a'), await kv.held('trial:a')]).toEqual([0, 0])
  })

  it('that are given back while they are taken anew do not stay', async () => {
    const { kv, dying: rooms } = setUp()
    const capped = account('a', { maxConcurrency: 1 })
    const acquired = vi.spyOn(kv, 'acquire')
    const seat = await rooms.take(capped, false) as Seat
    await kv.release((await acquired.mock.results[0]!.value as Lease)!)
    acquired.mockImplementationOnce(async (name, slots, ttlMs) => {
      seat.release()
      return kv.acquire(name, slots, ttlMs)
    })
    await vi.advanceTimersByTimeAsync(LEASE_MS / 3)
    expect(await kv.held('room:a')).toBe(0)
  })
})

describe('a cap over three instances that come, go and crash', () => {
  const CAP = 3
  const step = fc.record({ instance: fc.nat(2), does: fc.constantFrom('take', 'take', 'take', 'take together', 'give back', 'give back', 'crash', 'time passes', 'much time passes') })

  it('is never exceeded, and whole again once the places of the crashed have run out', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const kv = createMemoryKv({ clock: systemClock })
      const start = () => ({ rooms: createRooms({ kv, clock: systemClock, logger }), seats: [] as Seat[] })
      const instances = [start(), start(), start()]
      const capped = account('a', { maxConcurrency: CAP })
      const inFlight = () => instances.reduce((sum, { rooms }) => sum + rooms.inFlight('a'), 0)
      const take = async ({ rooms, seats }: ReturnType<typeof start>) => {
        const seat = await rooms.take(capped, false)
        if (typeof seat !== 'string') seats.push(seat)
      }
      for (const { instance: i, does } of steps) {
        const one = instances[i]!
        if (does === 'take') await take(one)
        else if (does === 'take together') await Promise.all(instances.map(take))
        else if (does === 'give back') one.seats.shift()?.release()
        else if (does === 'crash') {
          one.rooms.stop()
          instances[i] = start()
        }
        await vi.advanceTimersByTimeAsync(does === 'time passes' ? 7_000 : does === 'much time passes' ? LEASE_MS : 0)
        expect(inFlight()).toBeLessThanOrEqual(CAP)
        expect(inFlight()).toBe(instances.reduce((sum, { seats }) => sum + seats.length, 0))
      }
      await vi.advanceTimersByTimeAsync(LEASE_MS)
      for (let tries = 0; tries <= CAP; tries++) await take(instances[0]!)
      expect(inFlight()).toBe(CAP)
      for (const { rooms } of instances) rooms.stop()
    }), runs(100))
  })
})

describe('the trial of a cooled account', () => {
  const cooled = () => account('a', { state: { ...normalState(0), name: 'cooling', until: 5, failures: 3 } })

  it('is one request over both instances, and free again after it', async () => {
    const { dying: first, living: second } = setUp()
    const [here, there] = [cooled(), cooled()]
    const trial = await first.take(here, false) as Seat
    expect([await first.take(here, false), await second.take(there, false)]).toEqual(['trial', 'trial'])
    expect([await first.look(here), await second.look(there)]).toEqual(['trial', 'trial'])
    trial.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second.look(there)).toBeNull()
    expect(await second.take(there, false)).toMatchObject({ account: there })
  })

  it('is the only one for as long as it runs', async () => {
    const { dying: first, living: second } = setUp()
    const trial = await first.take(cooled(), false) as Seat
    for (let minute = 0; minute < 20; minute++) {
      await vi.advanceTimersByTimeAsync(60_000)
      expect([await first.take(cooled(), false), await second.take(cooled(), false)]).toEqual(['trial', 'trial'])
    }
    trial.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second.take(cooled(), false)).not.toBe('trial')
  })

  it('that finds no place on the account leaves the trial to the next', async () => {
    const { kv, dying: first, living: second } = setUp()
    const full = { ...cooled(), maxConcurrency: 1 }
    const lease = await kv.acquire('room:a', 1, LEASE_MS)
    expect(await first.take(full, false)).toBe('room')
    await kv.release(lease!)
    expect(await second.take(full, false)).toMatchObject({ account: full })
  })

  it('of an instance that died ends by itself', async () => {
    const { dying, living } = setUp()
    await dying.take(cooled(), false)
    dying.stop()
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1)
    expect(await living.take(cooled(), false)).toBe('trial')
    await vi.advanceTimersByTimeAsync(1)
    expect(await living.take(cooled(), false)).not.toBe('trial')
  })
})
