import { describe, expect, it } from 'vitest'
import type { AccountState } from '#server/platforms/platform'
import { familyOf, nextState, normalState, usability, type StateEvent } from '#server/scheduler/state'
import { fc } from '../../helpers/property'

const NOW = 1_000_000
const transient: StateEvent = { kind: 'transient', reason: 'overloaded', evidence: '529' }
const limited = (over: object = {}): StateEvent => ({ kind: 'limited', reason: 'rate_limited', evidence: '429', until: null, family: null, ...over })
const fault = (over: object = {}): StateEvent => ({ kind: 'fault', reason: 'unauthorized', evidence: '401', until: null, ...over })
const run = (state: AccountState, ...events: [StateEvent, number][]): AccountState => events.reduce((current, [event, at]) => nextState(current, event, at), state)

describe('breaker', () => {
  it('opens after three failures in a row and not before', () => {
    const two = run(normalState(0), [transient, NOW], [transient, NOW])
    expect(two).toMatchObject({ name: 'normal', failures: 2 })
    expect(run(two, [{ kind: 'success' }, NOW], [transient, NOW], [transient, NOW])).toMatchObject({ name: 'normal', failures: 2 })
    expect(run(two, [transient, NOW])).toMatchObject({ name: 'cooling', reason: 'overloaded', since: NOW, until: NOW + 5_000 })
  })

  it('grows with each failed trial and closes with a good one', () => {
    let state = run(normalState(0), [transient, NOW], [transient, NOW], [transient, NOW])
    const waits: number[] = []
    let now = NOW
    for (let i = 0; i < 8; i++) {
      now = state.until!
      expect(usability(state, now)).toBe('trial')
      state = nextState(state, transient, now)
      waits.push(state.until! - now)
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000])
    expect(state.since).toBe(NOW)
    expect(nextState(state, { kind: 'success' }, now)).toMatchObject({ name: 'normal', failures: 0, until: null })
  })

  it('is not opened further by failures that were under way together', () => {
    const open = run(normalState(0), [transient, NOW], [transient, NOW], [transient, NOW])
    expect(run(open, [transient, NOW + 1], [transient, NOW + 2]).until).toBe(open.until)
  })
})

describe('limits', () => {
  it('last until the upstream\'s word, else they double from a minute to half an hour', () => {
    expect(nextState(normalState(0), limited({ until: NOW + 7_000 }), NOW)).toMatchObject({ name: 'limited', until: NOW + 7_000 })
    let state = normalState(0)
    let now = NOW
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      state = nextState(state, limited(), now)
      waits.push((state.until! - now) / 60_000)
      now = state.until!
      if (i % 2) state = nextState(state, { kind: 'released' }, now)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30])
  })

  it('are met by several requests at once without growing, and lengthened by a later reset', () => {
    const first = nextState(normalState(0), limited(), NOW)
    expect(run(first, [limited(), NOW + 1], [limited(), NOW + 2])).toBe(first)
    expect(nextState(first, limited({ until: NOW + 600_000 }), NOW + 1).until).toBe(NOW + 600_000)
  })

  it('of one family leave the account normal', () => {
    const state = nextState(normalState(0), limited({ family: 'opus', until: NOW + 5 }), NOW)
    expect(state).toMatchObject({ name: 'normal', modelLimits: { opus: NOW + 5 } })
    expect(nextState(state, { kind: 'released' }, NOW + 5).modelLimits).toEqual({})
  })

  it('are not lifted by a late success of an earlier request', () => {
    const state = nextState(normalState(0), limited(), NOW)
    expect(nextState(state, { kind: 'success' }, NOW + 1)).toBe(state)
    expect(nextState(state, transient, NOW + 1)).toBe(state)
  })
})

describe('faults', () => {
  it('make the account abnormal until a probe succeeds, with growing distance', () => {
    let state = nextState(normalState(0), fault(), NOW)
    expect(state).toMatchObject({ name: 'abnormal', reason: 'unauthorized', nextProbe: NOW + 60_000 })
    expect(nextState(state, { kind: 'success' }, NOW)).toBe(state)
    const waits: number[] = []
    let now = NOW
    for (let i = 0; i < 7; i++) {
      now = state.nextProbe!
      state = nextState(state, { kind: 'probe_failed', reason: 'unauthorized', evidence: '401' }, now)
      waits.push((state.nextProbe! - now) / 60_000)
    }
    expect(waits).toEqual([2, 4, 8, 16, 30, 30, 30])
    expect(nextState(state, { kind: 'probe_ok' }, now)).toMatchObject({ name: 'normal', failures: 0, nextProbe: null })
  })

  it('with a known reset are limits', () => {
    expect(nextState(normalState(0), fault({ reason: 'no_credit', until: NOW + 9 }), NOW)).toMatchObject({ name: 'limited', reason: 'no_credit', until: NOW + 9 })
  })
})

it('no sequence of events leaves an account that nothing can bring back', () => {
  const event = fc.oneof(fc.constant<StateEvent>({ kind: 'success' }), fc.constant(transient), fc.constant(limited()), fc.constant(limited({ family: 'opus', until: NOW * 2 })), fc.constant(fault()), fc.constant<StateEvent>({ kind: 'released' }), fc.constant<StateEvent>({ kind: 'probe_failed', reason: 'x', evidence: null }))
  fc.assert(fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 3_600_000 }))), (steps) => {
    let now = NOW
    let state = normalState(0)
    for (const [one, wait] of steps) state = nextState(state, one, now += wait)
    if (state.name === 'limited' || state.name === 'cooling') {
      expect(state.until).toBeLessThanOrEqual(now + 1_800_000)
      expect(usability(state, state.until!)).not.toBe(state.name)
    }
    if (state.name === 'abnormal') {
      expect(state.nextProbe).toBeLessThanOrEqual(now + 1_800_000)
      expect(nextState(state, { kind: 'probe_ok' }, now).name).toBe('normal')
    }
  }))
})

it.each([['claude-opus-5-5', 'opus'], ['claude-3-5-haiku-20241022', 'haiku'], ['claude-3-opus-20240229', 'opus'], ['claude-sonnet-4-20250514', 'sonnet'], ['glm-4.6', null]])('family of %s is %s', (model, family) => {
  expect(familyOf(model)).toBe(family)
})
