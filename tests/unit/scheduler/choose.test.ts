import { describe, expect, it } from 'vitest'
import type { PoolAccount } from '#server/platforms/platform'
import { createChooser, type ChooseContext } from '#server/scheduler/choose'
import { normalState } from '#server/scheduler/state'
import type { Sticky } from '#server/scheduler/sticky'

const account = (id: string, over: Partial<PoolAccount> = {}): PoolAccount => ({
  id, ownerId: 'o', groupId: null, name: id, platform: 'claude_console', baseUrl: null, credentials: {}, proxyUrl: null, options: {},
  enabled: true, priority: 100, weight: 100, maxConcurrency: 0, models: [], modelMap: {}, state: normalState(0), ...over,
})

function mapSticky(): Sticky & { held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    get: async session => held.get(session) ?? null,
    async claim(session, id) {
      if (!held.has(session)) held.set(session, id)
      return held.get(session)!
    },
    async confirm(session, id) { held.set(session, id) },
    async drop(session) { held.delete(session) },
  }
}

/** mulberry32: a seeded generator, so that the statistics below never depend on luck. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const context = (candidates: PoolAccount[], over: Partial<ChooseContext> = {}): ChooseContext => ({ candidates, model: 'm', session: null, tried: new Set(), now: 1000, ...over })

describe('choosing an account', () => {
  it('follows weights inside a priority and priorities strictly', async () => {
    const choose = createChooser({ sticky: mapSticky(), random: seeded(7) })
    const candidates = [account('a', { weight: 1 }), account('b', { weight: 2 }), account('c', { weight: 7 }), account('late', { priority: 200, weight: 1000 }), account('none', { weight: 0 })]
    const counts: Record<string, number> = {}
    const rounds = 100_000
    for (let i = 0; i < rounds; i++) {
      const { account: chosen } = await choose(context(candidates))
      counts[chosen!.id] = (counts[chosen!.id] ?? 0) + 1
    }
    const expected = { a: 0.1, b: 0.2, c: 0.7 }
    expect(Object.keys(counts).sort()).toEqual(['a', 'b', 'c'])
    const chi2 = Object.entries(expected).reduce((sum, [id, share]) => sum + (counts[id]! - share * rounds) ** 2 / (share * rounds), 0)
    expect(chi2).toBeLessThan(9.21) // p > 0.01 at 2 degrees of freedom
  })

  it('passes over what cannot serve and says why', async () => {
    const choose = createChooser({ sticky: mapSticky(), random: seeded(1) })
    const { account: chosen, skipped } = await choose(context([
      account('off', { enabled: false }),
      account('sick', { state: { ...normalState(0), name: 'abnormal' } }),
      account('limited', { state: { ...normalState(0), name: 'limited', until: 1001 } }),
      account('back', { state: { ...normalState(0), name: 'limited', until: 1000 } }),
      account('other', { models: ['claude-*'] }),
      account('tried'),
    ], { tried: new Set(['tried']) }))
    expect(chosen?.id).toBe('back')
    expect(skipped.map(({ account: { id }, reason }) => [id, reason])).toEqual([['off', 'disabled'], ['sick', 'abnormal'], ['limited', 'limited'], ['other', 'model'], ['tried', 'tried']])
  })

  it('keeps a session on its account, also when two of its requests start at once', async () => {
    const choose = createChooser({ sticky: mapSticky(), random: seeded(3) })
    const candidates = Array.from({ length: 10 }, (_, i) => account(`a${i}`))
    const [first, second] = await Promise.all([choose(context(candidates, { session: 's' })), choose(context(candidates, { session: 's' }))])
    expect(second.account!.id).toBe(first.account!.id)
    for (let i = 0; i < 20; i++) expect((await choose(context(candidates, { session: 's' }))).account!.id).toBe(first.account!.id)
  })

  it('moves a session once its account cannot serve, and does not jump back', async () => {
    const sticky = mapSticky()
    const choose = createChooser({ sticky, random: seeded(5) })
    const [a, b] = [account('a'), account('b', { priority: 200 })]
    expect((await choose(context([a, b], { session: 's' }))).account!.id).toBe('a')
    a.enabled = false
    expect((await choose(context([a, b], { session: 's' }))).account!.id).toBe('b')
    a.enabled = true
    expect((await choose(context([a, b], { session: 's' }))).account!.id).toBe('b')
  })

  it('gives nothing when nothing fits', async () => {
    const choose = createChooser({ sticky: mapSticky(), random: seeded(1) })
    expect((await choose(context([]))).account).toBeNull()
  })
})
