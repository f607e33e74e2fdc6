import type { PoolAccount } from '#server/platforms/platform'
import { normalState } from '#server/scheduler/state'
import type { Sticky } from '#server/scheduler/sticky'

/** An account of the pool as the scheduler sees it. */
export const poolAccount = (id: string, over: Partial<PoolAccount> = {}): PoolAccount => ({
  id, ownerId: 'o', groupId: null, name: id, platform: 'claude_console', baseUrl: 'http://127.0.0.1:1', credentials: { apiKey: 'k' }, tokenGeneration: 0, tokenExpiresAt: null, proxyUrl: null, publicOnly: false, options: {},
  enabled: true, priority: 100, weight: 100, maxConcurrency: 0, models: [], modelMap: {}, state: normalState(0), windows: null, dailyLimitNano: null, ...over,
})

/** Stickiness in a map. */
export function mapSticky(): Sticky & { held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    get: async session => held.get(session) ?? null,
    async claim(session, id) {
      if (!held.has(session)) held.set(session, id)
      return held.get(session)!
    },
    async confirm(session, id) {
      if ((held.get(session) ?? id) === id) held.set(session, id)
    },
    async drop(session, id) {
      if (held.get(session) === id) held.delete(session)
    },
  }
}

/** mulberry32: a seeded generator, so that no statistic depends on luck. */
export function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A clock that is set by hand. */
export const handClock = (time = 0) => {
  const clock = { time, now: () => clock.time }
  return clock
}
