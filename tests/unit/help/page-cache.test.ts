import { describe, expect, test } from 'vitest'
import { createPageCache, type RenderedPage } from '#server/help/page-cache'

const page = (bytes: number): RenderedPage => ({ body: Buffer.alloc(bytes), policy: '' })

describe('rendered pages', () => {
  test('are rendered once, also for those who ask at the same time', async () => {
    const cache = createPageCache({ maxBytes: 1_000 })
    let rendered = 0
    const render = async () => {
      rendered++
      return page(10)
    }
    const [first, second] = await Promise.all([cache.get('a', render), cache.get('a', render)])
    expect(await cache.get('a', render)).toBe(first)
    expect([second, rendered]).toEqual([first, 1])
    await cache.get('b', render)
    expect(rendered).toBe(2)
  })

  test('take no more than their room, however many are asked for; those in use stay', async () => {
    const cache = createPageCache({ maxBytes: 10_000 })
    const own = await cache.get('own', () => Promise.resolve(page(500)))
    for (let turn = 0; turn < 10_000; turn++) {
      await cache.get(`host ${turn}`, () => Promise.resolve(page(500)))
      if (turn % 5 === 0) await cache.get('own', () => Promise.reject(new Error('rendered again')))
      expect(cache.size().bytes).toBeLessThanOrEqual(10_000)
    }
    expect(await cache.get('own', () => Promise.resolve(null))).toBe(own)
    expect(cache.size().pages).toBeGreaterThan(15)
  })

  test('that are larger than the room are not kept, nor does a long key escape the count', async () => {
    const cache = createPageCache({ maxBytes: 1_000 })
    expect(await cache.get('large', () => Promise.resolve(page(2_000)))).not.toBeNull()
    await cache.get('k'.repeat(600), () => Promise.resolve(page(1)))
    expect(cache.size()).toEqual({ pages: 0, bytes: 0 })
  })

  test('that failed are rendered again', async () => {
    const cache = createPageCache({ maxBytes: 1_000 })
    await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(cache.get('a', () => {
      throw new Error('at once')
    })).rejects.toThrow('at once')
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull()
    expect(await cache.get('a', () => Promise.resolve(page(1)))).not.toBeNull()
    expect(cache.size().pages).toBe(1)
  })
})
