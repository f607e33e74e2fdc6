import { describe, expect, it } from 'vitest'
import { ExpiringMap } from '#server/kv/expiring-map'
import { createMemoryKv } from '#server/kv/memory'
import { createLogger } from '#server/lib/logger'

function setup() {
  const clock = { time: 1000, now: () => clock.time }
  const lines: string[] = []
  const logger = createLogger({ level: 'info', destination: { write: line => void lines.push(line) } })
  return { clock, lines, kv: createMemoryKv({ clock, logger }) }
}

describe('memory kv at its edges', () => {
  it('ends a value exactly at its time to live', async () => {
    const { clock, kv } = setup()
    await kv.set('k', 'v', 100)
    clock.time += 99
    expect(await kv.get('k')).toBe('v')
    clock.time += 1
    expect(await kv.get('k')).toBeNull()
  })

  it('frees a hit exactly when its window has passed', async () => {
    const { clock, kv } = setup()
    await kv.hit('k', 2, 100)
    clock.time += 40
    await kv.hit('k', 2, 100)
    clock.time += 59
    expect(await kv.hit('k', 2, 100)).toEqual({ allowed: false, count: 2, retryAfterMs: 1 })
    clock.time += 1
    expect(await kv.hit('k', 2, 100)).toEqual({ allowed: true, count: 2, retryAfterMs: 0 })
    expect(await kv.hit('k', 2, 100)).toEqual({ allowed: false, count: 2, retryAfterMs: 40 })
  })

  it('ends a lease exactly at its time to live', async () => {
    const { clock, kv } = setup()
    const lease = await kv.acquire('s', 1, 100)
    clock.time += 99
    expect(await kv.acquire('s', 1, 100)).toBeNull()
    expect(lease && await kv.renew(lease, 50)).toBe(true)
    clock.time += 50
    expect(lease && await kv.renew(lease, 50)).toBe(false)
    expect(await kv.acquire('s', 1, 100)).not.toBeNull()
  })

  it('logs a listener that throws', async () => {
    const { kv, lines } = setup()
    await kv.subscribe('c', () => {
      throw new Error('this listener is broken')
    })
    await kv.publish('c', 'm')
    await Promise.resolve()
    expect(lines.join('')).toContain('this listener is broken')
  })
})

describe('expiring map', () => {
  it('stays small under a flood of keys that nobody asks for again', () => {
    const { clock } = setup()
    const map = new ExpiringMap<number>(clock)
    let most = 0
    for (let i = 0; i < 50_000; i++) {
      if (i % 10 === 0) clock.time += 1
      map.set(`key ${i}`, i, clock.time + 100)
      most = Math.max(most, map.size)
    }
    // 10 keys a millisecond that live 100 ms: 1,000 at a time, and what the sweep has not reached.
    expect(most).toBeLessThan(2_500)
  })

  it('never drops a live entry while sweeping', () => {
    const { clock } = setup()
    const map = new ExpiringMap<number>(clock)
    for (let i = 0; i < 100; i++) map.set(`stays ${i}`, i, Infinity)
    for (let i = 0; i < 10_000; i++) {
      clock.time += 1
      map.set(`goes ${i}`, i, clock.time + 5)
    }
    expect(Array.from({ length: 100 }, (_, i) => map.get(`stays ${i}`))).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })
})
