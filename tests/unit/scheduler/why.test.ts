import { describe, expect, it } from 'vitest'
import type { PoolAccount } from '#server/platforms/platform'
import type { Wanted } from '#server/scheduler/choose'
import type { Refusal } from '#server/scheduler/rooms'
import { normalState } from '#server/scheduler/state'
import { explainPool } from '#server/scheduler/why'
import { poolAccount as account } from '../../helpers/pool'

const wanted = (over: Partial<Wanted> = {}): Wanted => ({ model: 'claude-opus-5-5', tried: new Set(), lacks: () => false, now: 1000, ...over })
const state = (over: object) => ({ state: { ...normalState(0), ...over } })

function explain(candidates: PoolAccount[], { refusals = {}, ...over }: Partial<Wanted> & { refusals?: Record<string, Refusal> } = {}) {
  const found = explainPool(candidates, wanted(over), new Map(Object.entries(refusals)))
  return Object.fromEntries(found.map(({ account: { id }, position, share, reasons }) => [id, [position, share, reasons.map(({ reason, until }) => until === null ? reason : `${reason} ${until}`).join()]]))
}

describe('why an account is taken or not', () => {
  it('tells the share of those that are, and whom they come before', () => {
    expect(explain([account('a', { weight: 1 }), account('b', { weight: 3 }), account('none', { weight: 0 }), account('late', { priority: 200 })])).toEqual({
      a: ['chosen', 0.25, ''], b: ['chosen', 0.75, ''], none: ['standby', 0, 'weight'], late: ['standby', 0, 'priority'],
    })
  })

  it('tells everything that is in the way, not only the first of it', () => {
    expect(explain([
      account('bad', { enabled: false, models: ['claude-haiku-*'], ...state({ name: 'limited', until: 5000, modelLimits: { opus: 9000 } }) }),
      account('sick', state({ name: 'abnormal', nextProbe: 7000 })),
      account('lacks'),
      account('fine', { priority: 200 }),
    ], { lacks: ({ id }) => id === 'lacks' })).toEqual({
      bad: ['passed_over', 0, 'disabled,model,limited 5000,model_limited 9000'], sick: ['passed_over', 0, 'abnormal 7000'],
      lacks: ['passed_over', 0, 'model_missing'], fine: ['chosen', 1, ''],
    })
  })

  it('moves the share to those that have room', () => {
    expect(explain([account('full'), account('free'), account('late', { priority: 200 })], { refusals: { full: 'room' } })).toEqual({
      full: ['passed_over', 0, 'room'], free: ['chosen', 1, ''], late: ['standby', 0, 'priority'],
    })
    expect(explain([account('full'), account('late', { priority: 200 })], { refusals: { full: 'room' } })).toMatchObject({ late: ['chosen', 1, ''] })
  })

  it('says that requests wait when nothing but room is missing', () => {
    expect(explain([account('full'), account('off', { enabled: false })], { refusals: { full: 'room' } })).toEqual({
      full: ['waits', 0, 'room'], off: ['passed_over', 0, 'disabled'],
    })
  })

  it('names the last resort of a pool that only cools down', () => {
    const cooling = (until: number) => state({ name: 'cooling', until })
    expect(explain([account('later', cooling(3000)), account('sooner', cooling(2000)), account('limited', state({ name: 'limited', until: 1500 }))])).toEqual({
      later: ['passed_over', 0, 'cooling 3000'], sooner: ['last_resort', 0, 'cooling 2000'], limited: ['passed_over', 0, 'limited 1500'],
    })
    expect(explain([account('trying', cooling(900)), account('later', cooling(3000))], { refusals: { trying: 'trial' } })).toMatchObject({ trying: ['last_resort', 0, 'trial'] })
  })

  it('is silent about an empty pool', () => {
    expect(explain([])).toEqual({})
  })
})
