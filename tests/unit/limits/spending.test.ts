import { afterEach, describe, expect, it } from 'vitest'
import { admit } from '#server/limits/index'
import type { Admission } from '#server/limits/admission'
import { RelayError } from '#server/relay/errors'
import { spansOf } from '#shared/utils/period'
import { principal } from '../../helpers/principal'
import { calm, spendingWorld } from '../../helpers/spending'
import { fc, runs } from '../../helpers/property'

type World = ReturnType<typeof spendingWorld>
const admissions: Admission[] = []
afterEach(async () => {
  await Promise.all(admissions.splice(0).map(admission => admission.stop()))
})

function open(world: World, name: string) {
  const instance = world.instance(name)
  admissions.push(instance.admission)
  instance.spending.limit('key:k', true, true)
  return instance
}
type Instance = ReturnType<typeof open>

let requests = 0
/** Lets a request in; gives its hold, or the code of the refusal. */
async function ask(world: World, { admission }: Instance, limits: Record<string, unknown> = { totalNano: 1e15 }) {
  const context = { principal: principal({ key: { limits } }), model: 'm', ip: '', userAgent: undefined, now: world.clock.now() }
  try {
    return await admission.enter(admit('request', context)!, context, { id: `q${++requests}`, model: 'm', bodyBytes: 0 })
  }
  catch (error) {
    if (error instanceof RelayError) return error
    throw error
  }
}
async function counted(world: World): Promise<number | null> {
  const spending = await world.shared.claims.read('key:k', spansOf(world.clock.now(), 'UTC'))
  return 'ticket' in spending ? null : spending.total
}

describe('what a key has spent', () => {
  it('is built from the books and from what no instance has booked yet', async () => {
    const world = spendingWorld()
    const [a, b] = [open(world, 'a'), open(world, 'b')]
    a.settle('k', 5)
    b.settle('k', 70)
    a.drain()
    a.settle('k', 8)
    b.settle('other', 1000)
    await calm()
    expect(await counted(world)).toBeNull()
    await ask(world, a)
    // Told of the new counter, the other instance adds its own.
    b.spending.ensure('key:k')
    await calm()
    expect(await counted(world)).toBe(83)
    b.drain()
    b.settle('k', 100)
    await calm()
    expect(await counted(world)).toBe(183)
  })

  it('a request closed twice counts as it was closed last', async () => {
    const world = spendingWorld()
    const a = open(world, 'a')
    await ask(world, a)
    const first = a.settle('k', 50)
    a.settle('k', 30, first)
    await calm()
    expect(await counted(world)).toBe(30)
  })

  it('is built by one of many that ask at once', async () => {
    const world = spendingWorld()
    const [a, b] = [open(world, 'a'), open(world, 'b')]
    a.settle('k', 5)
    await Promise.all(Array.from({ length: 40 }, (_, i) => ask(world, i % 2 ? a : b)))
    b.spending.ensure('key:k')
    a.spending.ensure('key:k')
    await calm()
    expect(await counted(world)).toBe(5)
  })

  it('a cap that is set while requests run counts what was spent before', async () => {
    const world = spendingWorld()
    const a = world.instance('a')
    admissions.push(a.admission)
    a.settle('k', 10)
    a.drain()
    a.settle('k', 10)
    a.spending.limit('key:k', true)
    expect(await ask(world, a, { totalNano: 20 })).toMatchObject({ code: 'cost_limit', options: { details: { used: '0.00000002' } } })
    a.spending.limit('key:k', false)
    a.settle('k', 7)
    a.spending.limit('key:k', true)
    await calm()
    expect(await ask(world, a, { totalNano: 27 })).toMatchObject({ code: 'cost_limit', options: { details: { used: '0.000000027' } } })
  })

  it('without the books a key with a cap is refused for a moment, never let through', async () => {
    const world = spendingWorld()
    const a = open(world, 'a')
    world.databaseAway(true)
    expect(await ask(world, a)).toMatchObject({ code: 'busy', options: { retryAfterSeconds: 5 } })
    expect(await ask(world, a, { concurrency: 1 })).not.toBeInstanceOf(RelayError)
    world.databaseAway(false)
    expect(await ask(world, a)).not.toBeInstanceOf(RelayError)
    world.databaseAway(true)
    // Midnight does not need them.
    world.clock.time += 86_400_000
    expect(await ask(world, a, { dailyNano: 100 })).not.toBeInstanceOf(RelayError)
  })

  it('counts a request that runs across midnight once, in the day it ended', async () => {
    const world = spendingWorld({ now: Date.UTC(2026, 10, 30, 23, 59) })
    const a = open(world, 'a')
    const hold = await ask(world, a, { dailyNano: 100, monthlyNano: 100 })
    world.clock.time += 120_000
    a.settle('k', 60)
    if (!(hold instanceof RelayError)) hold.end()
    await calm()
    expect(await world.shared.claims.read('key:k', spansOf(world.clock.now(), 'UTC'))).toMatchObject({ day: 60, week: 60, month: 60, total: 60, reserved: 0, running: 0 })
    expect(spansOf(world.clock.now(), 'UTC')).toEqual({ day: '2026-12-01', week: '2026-11-30', month: '2026-12-01' })
  })

  it('200 at once over two instances with room for five: five get in', async () => {
    const world = spendingWorld()
    const both = [open(world, 'a'), open(world, 'b')]
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(world, both[i % 2]!, { dailyNano: 50 })))
    const holds = answers.filter(answer => !(answer instanceof RelayError))
    expect(holds).toHaveLength(5)
    expect(answers.filter(answer => answer instanceof RelayError).map(error => (error as RelayError).options.shouldRetry)).toEqual(Array(195).fill(true))
    for (const hold of holds) if (!(hold instanceof RelayError)) hold.end()
    await calm()
    expect(await ask(world, both[0]!, { dailyNano: 50 })).not.toBeInstanceOf(RelayError)
  })

  it('reservations survive a kv that lost everything', async () => {
    const world = spendingWorld()
    const a = open(world, 'a')
    await ask(world, a, { dailyNano: 25 })
    await ask(world, a, { dailyNano: 25 })
    world.lose()
    a.admission.keepAll()
    expect(await ask(world, a, { dailyNano: 25 })).toMatchObject({ code: 'cost_limit', options: { details: { reserved: '0.00000002' } } })
  })

  it('while the shared kv is away each instance goes on from the books; afterwards nothing is missing or doubled', async () => {
    const world = spendingWorld()
    const [a, b] = [open(world, 'a'), open(world, 'b')]
    await ask(world, a)
    a.settle('k', 10)
    await calm()
    world.away(true)
    b.settle('k', 20)
    b.drain()
    a.settle('k', 5)
    await calm()
    expect(await ask(world, a, { totalNano: 35 })).toMatchObject({ code: 'cost_limit', options: { details: { used: '0.000000035' } } })
    // Another instance's later requests come in within seconds, by the books.
    b.settle('k', 100)
    b.drain()
    world.clock.time += 10_001
    await ask(world, a)
    await calm()
    expect(await ask(world, a, { totalNano: 135 })).toMatchObject({ code: 'cost_limit' })
    world.away(false)
    for (const each of [a, b]) each.spending.sweep()
    await calm()
    expect(await counted(world) ?? 135).toBe(135)
    await ask(world, b)
    for (const each of [a, b]) each.spending.ensure('key:k')
    await calm()
    expect(await counted(world)).toBe(135)
  })

  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('settle' as const), at: fc.nat(1), amount: fc.integer({ min: 1, max: 1000 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('drain' as const, 'ask' as const, 'ensure' as const, 'rotate' as const), at: fc.nat(1), amount: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('lose' as const, 'away' as const, 'back' as const, 'wait' as const, 'calm' as const, 'crash' as const, 'limit' as const), at: fc.nat(1), amount: fc.integer({ min: 1, max: 2 }) }) },
  )

  it('is exact after any order of settling, draining, crashes, new files, losses and outages of the kv', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = spendingWorld()
      const both = [open(world, 'a'), open(world, 'b')]
      let generation = 0
      for (const { do: what, at, amount } of steps) {
        const one = both[at]!
        if (what === 'settle') one.settle('k', amount)
        if (what === 'drain') one.drain(amount)
        if (what === 'ask') await ask(world, one)
        if (what === 'ensure') one.spending.ensure('key:k')
        if (what === 'rotate') one.rotate()
        if (what === 'lose') world.lose()
        if (what === 'away' || what === 'back') world.away(what === 'away')
        if (what === 'calm') await calm()
        if (what === 'wait') {
          // As the timers would: the books catch up, the sweeps run.
          for (const each of both) each.drain()
          for (let second = 0; second < (amount > 1 ? 90 : 20); second++) {
            world.clock.time += 1000
            for (const each of both) each.spending.sweep()
            await calm()
          }
        }
        if (what === 'limit') {
          for (const each of both) each.spending.limit('key:k', false)
          one.settle('k', amount)
          for (const each of both) each.spending.limit('key:k', true)
        }
        if (what === 'crash') {
          one.crash(both[1 - at]!.spending)
          await one.admission.stop()
          both[at] = open(world, `n${++generation}`)
        }
      }
      world.away(false)
      for (let second = 0; second < 3; second++) {
        for (const each of both) {
          await calm()
          each.spending.sweep()
          await ask(world, each)
        }
        for (const each of both) each.spending.ensure('key:k')
        await calm()
      }
      expect(await counted(world)).toBe(world.spent('k'))
    }), { ...runs(150), examples: [
      // Costs of an outage that were booked and let go before the kv was back.
      [[{ do: 'ask', at: 0, amount: 1 }, { do: 'away', at: 0, amount: 1 }, { do: 'settle', at: 0, amount: 1 }, { do: 'wait', at: 0, amount: 1 }]],
    ] })
  })
})
