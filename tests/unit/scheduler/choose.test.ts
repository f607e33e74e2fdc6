import { describe, expect, it } from 'vitest'
import { draw, lastResort, sift, type Wanted } from '#server/scheduler/choose'
import { normalState } from '#server/scheduler/state'
import { poolAccount as account, seeded } from '../../helpers/pool'

const wanted = (over: Partial<Wanted> = {}): Wanted => ({ model: 'claude-opus-5-5', tried: new Set(), lacks: () => false, now: 1000, ...over })

describe('drawing an account', () => {
  it('follows weights inside a priority and priorities strictly', () => {
    const random = seeded(7)
    const candidates = [account('a', { weight: 1 }), account('b', { weight: 2 }), account('c', { weight: 7 }), account('late', { priority: 200, weight: 1000 }), account('none', { weight: 0 })]
    const counts: Record<string, number> = {}
    const rounds = 100_000
    for (let i = 0; i < rounds; i++) {
      const { id } = draw(candidates, random)
      counts[id] = (counts[id] ?? 0) + 1
    }
    const expected = { a: 0.1, b: 0.2, c: 0.7 }
    expect(Object.keys(counts).sort()).toEqual(['a', 'b', 'c'])
    const chi2 = Object.entries(expected).reduce((sum, [id, share]) => sum + (counts[id]! - share * rounds) ** 2 / (share * rounds), 0)
    expect(chi2).toBeLessThan(9.21) // p > 0.01 at 2 degrees of freedom
  })

  it('takes an account without weight only when all are', () => {
    const random = seeded(2)
    const seen = new Set(Array.from({ length: 100 }, () => draw([account('a', { weight: 0 }), account('b', { weight: 0 })], random).id))
    expect([...seen].sort()).toEqual(['a', 'b'])
  })
})

describe('who can take a request', () => {
  const state = (over: object) => ({ state: { ...normalState(0), ...over } })

  it('says of every other account why not and until when', () => {
    const { fit, skipped } = sift([
      account('off', { enabled: false }),
      account('sick', state({ name: 'abnormal', nextProbe: 9000 })),
      account('limited', state({ name: 'limited', until: 1001 })),
      account('back', state({ name: 'limited', until: 1000 })),
      account('cooling', state({ name: 'cooling', until: 5000 })),
      account('trial', state({ name: 'cooling', until: 900 })),
      account('other', { models: ['claude-haiku-*'] }),
      account('no-opus', state({ modelLimits: { opus: 3000 } })),
      account('no-haiku', state({ modelLimits: { haiku: 3000 } })),
      account('opus-again', state({ modelLimits: { opus: 1000 } })),
      account('lacks'),
      account('tried'),
    ], wanted({ tried: new Set(['tried']), lacks: ({ id }) => id === 'lacks' }))
    expect(fit.map(({ id }) => id)).toEqual(['back', 'trial', 'no-haiku', 'opus-again'])
    expect(skipped.map(({ account: { id }, reason, until }) => [id, reason, until])).toEqual([
      ['off', 'disabled', null], ['sick', 'abnormal', 9000], ['limited', 'limited', 1001], ['cooling', 'cooling', 5000], ['other', 'model', null],
      ['no-opus', 'model_limited', 3000], ['lacks', 'model_missing', null], ['tried', 'tried', null],
    ])
  })

  it('has a last resort: the cooling account that returns soonest, or one that lacks the model, never a limited or broken one', () => {
    const skipped = (reason: 'cooling' | 'limited' | 'abnormal' | 'model_missing', id: string, until: number | null) => ({ account: account(id), reason, until })
    expect(lastResort([skipped('cooling', 'a', 3000), skipped('cooling', 'b', 2000), skipped('model_missing', 'c', null)])?.id).toBe('b')
    expect(lastResort([skipped('limited', 'a', 1), skipped('model_missing', 'c', null)])?.id).toBe('c')
    expect(lastResort([skipped('limited', 'a', 1), skipped('abnormal', 'b', 1)])).toBeNull()
  })
})
