import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createRooms, type Seat } from '#server/scheduler/rooms'
import { normalState } from '#server/scheduler/state'
import { poolAccount as account } from '../../helpers/pool'

const LEASE_MS = 60_000
const TRIAL_MS = 300_000
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
  const instance = () => createRooms({ kv, clock: systemClock, logger, trialMs: TRIAL_MS })
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

  it('that the kv lost are taken anew, so that the cap holds again', async () => {
    const { kv, dying: first, living: second } = setUp()
    const capped = account('a', { maxConcurrency: 1 })
    const acquired = vi.spyOn(kv, 'acquire')
    await first.take(capped, false)
    await kv.release((await acquired.mock.results[0]!.value)!)
    await vi.advanceTimersByTimeAsync(LEASE_MS / 3)
    expect(await second.take(capped, false)).toBe('room')
  })
})

describe('the trial of a cooled account', () => {
  const cooled = () => account('a', { state: { ...normalState(0), name: 'cooling', until: 5, failures: 3 } })

  it('is one request over both instances, and free again after it', async () => {
    const { dying: first, living: second } = setUp()
    const [here, there] = [cooled(), cooled()]
    const trial = await first.take(here, false) as Seat
    expect([await first.take(here, false), await second.take(there, false)]).toEqual(['trial', 'trial'])
    trial.release()
    await vi.advanceTimersByTimeAsync(0)
    expect(await second.take(there, false)).toMatchObject({ account: there })
  })

  it('of an instance that died ends by itself', async () => {
    const { dying, living } = setUp()
    await dying.take(cooled(), false)
    dying.stop()
    await vi.advanceTimersByTimeAsync(TRIAL_MS - 1)
    expect(await living.take(cooled(), false)).toBe('trial')
    await vi.advanceTimersByTimeAsync(1)
    expect(await living.take(cooled(), false)).not.toBe('trial')
  })
})
