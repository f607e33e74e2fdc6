import { describe, expect, it } from 'vitest'
import { priceSorts } from '#shared/schemas/price'
import { pricePage } from '#server/billing/price-list'
import type { PriceEntry } from '#server/billing/prices'

const entry = (model: string, input: number, kind: PriceEntry['kind'] = 'builtin'): PriceEntry => {
  const five = { input, output: input * 5, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
  return { id: null, model, kind, version: 'v', prices: { base: five, fast: null, longPrompt: null, webSearch: 0 } }
}
const entries = [entry('b', 3), entry('a"quote', 3, 'own'), entry('模型', 1), entry('c-*', 10, 'import'), entry('d', 3), entry('e', 0)]
const modelsOf = (page: { entries: PriceEntry[] }) => page.entries.map(({ model }) => model)
const sorts = priceSorts.flatMap(name => [name, `-${name}`])

describe('prices page by page', () => {
  it.each(sorts)('by %s: the pages together are the whole list', (sort) => {
    const whole = modelsOf(pricePage(entries, { sort, limit: 50 }))
    expect([...whole].sort()).toEqual(entries.map(({ model }) => model).sort())
    for (const limit of [1, 2, 6]) {
      const joined: string[] = []
      for (let cursor: string | undefined | null; cursor !== null;) {
        const page = pricePage(entries, { sort, limit, cursor })
        joined.push(...modelsOf(page))
        cursor = page.nextCursor
      }
      expect(joined).toEqual(whole)
    }
  })

  it('come by model if not said otherwise, and the dearest first when asked', () => {
    expect(modelsOf(pricePage(entries, { limit: 3 }))).toEqual(['a"quote', 'b', 'c-*'])
    expect(modelsOf(pricePage(entries, { sort: '-input', limit: 4 }))).toEqual(['c-*', 'd', 'b', 'a"quote'])
  })

  it('refuse a cursor of another order, and one that nobody made', () => {
    const { nextCursor } = pricePage(entries, { limit: 2 })
    const refused = expect.objectContaining({ code: 'validation' }) as Error
    expect(() => pricePage(entries, { sort: '-model', limit: 2, cursor: nextCursor! })).toThrow(refused)
    for (const cursor of ['model', 'model.', 'model.AAAA', `model.${Buffer.from('{"x":1}').toString('base64url')}`, `model.${Buffer.from('["a"]').toString('base64url')}`]) {
      expect(() => pricePage(entries, { limit: 2, cursor })).toThrow(refused)
    }
  })
})
