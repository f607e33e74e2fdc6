import { describe, expect, it } from 'vitest'
import { createPriceBook } from '#server/billing/prices'
import { noUsage, type Usage } from '#shared/types/usage'
import rules from '../../../server/billing/data/claude-price-rules.json'
import list from '../../../server/billing/data/claude-prices.json'
import { fc, runs } from '../../helpers/property'

interface Five { input: number, output: number, cache_read: number, cache_write_5m: number, cache_write_1h: number }
type Listed = Five & { canonical: string }

const book = createPriceBook()
const models: Record<string, Listed> = list.models
const fastRules: Record<string, { input: number, output: number }> = rules.fast
const longRules: Record<string, Five & { above_prompt_tokens: number }> = rules.long_prompt

/** USD per million tokens as a fraction of pico-USD, times 1,000, so that nothing is rounded on the way. */
const milliPico = (usd: number): bigint => BigInt(usd.toFixed(6).replace('.', '')) * 1000n

/** The rules again, written another way: everything in thousandths of a pico-USD. */
function reference(listed: Listed, usage: Usage): bigint {
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  const fast = usage.speed === 'fast' ? fastRules[listed.canonical] : undefined
  const long = longRules[listed.canonical]
  const five: Five = long && prompt > long.above_prompt_tokens ? long : listed
  const cache = (price: number): bigint => (fast ? milliPico(price) * milliPico(fast.input) / milliPico(five.input) : milliPico(price))
  const sum = BigInt(usage.inputTokens) * milliPico(fast?.input ?? five.input)
    + BigInt(usage.outputTokens) * milliPico(fast?.output ?? five.output)
    + BigInt(usage.cacheReadTokens) * cache(five.cache_read)
    + BigInt(usage.cacheWrite5mTokens) * cache(five.cache_write_5m)
    + BigInt(usage.cacheWrite1hTokens) * cache(five.cache_write_1h)
  const searches = BigInt(usage.webSearches) * 10_000_000_000n * 1000n
  return (usage.inferenceGeo === 'us' ? sum * 11n / 10n : sum) + searches
}

const tokens = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 1_000_000_000 }))
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens, outputTokens: tokens, cacheReadTokens: tokens, cacheWrite5mTokens: tokens, cacheWrite1hTokens: tokens,
  thinkingTokens: tokens, webSearches: fc.integer({ min: 0, max: 20 }), serviceTier: fc.constantFrom(null, 'standard', 'priority', 'batch'),
  speed: fc.constantFrom(null, 'standard', 'fast'), inferenceGeo: fc.constantFrom(null, 'us', 'global', 'not_available'),
})
const usage = (some: Partial<Usage>): Usage => ({ ...noUsage(), ...some })

describe('prices', () => {
  it('equal an exact reference for every model, kind and rule, rounded once', () => {
    const names = fc.constantFrom(...Object.keys(models))
    fc.assert(fc.property(names, usages, fc.integer({ min: 0, max: 100_000 }), (name, used, multiplierBp) => {
      const listed = models[name]
      if (!listed) throw new Error(name)
      const nano = (reference(listed, used) + 500_000n) / 1_000_000n
      const cost = book.cost(name, used, multiplierBp)
      expect(cost.priced).toBe(true)
      expect(BigInt(cost.costNano)).toBe(nano)
      expect(BigInt(cost.billedNano)).toBe((nano * BigInt(multiplierBp) + 5000n) / 10_000n)
    }), runs(3000))
  })

  it('parts add up to the total before rounding', () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(models)), usages, (name, used) => {
      const { parts, costNano } = book.cost(name, used, 10_000)
      fc.pre(Object.values(parts).every(Number.isSafeInteger))
      const sum = Object.values(parts).reduce((total, part) => total + BigInt(part), 0n)
      expect((sum + 500n) / 1000n).toBe(BigInt(costNano))
    }))
  })

  it.each(Object.entries(models))('%s: a million tokens of each kind cost what the list says', (name, listed) => {
    const kinds = [['inputTokens', listed.input], ['outputTokens', listed.output], ['cacheReadTokens', listed.cache_read], ['cacheWrite5mTokens', listed.cache_write_5m], ['cacheWrite1hTokens', listed.cache_write_1h]] as const
    for (const [kind, usd] of kinds) {
      // Ten times 100,000: below the step of a long prompt.
      expect(book.cost(name, usage({ [kind]: 100_000 }), 10_000).costNano * 10).toBe(Math.round(usd * 1e9))
    }
  })

  it('the long-prompt step lies behind 100,000 prompt tokens; output does not count but is billed dear', () => {
    const cost = (some: Partial<Usage>) => book.cost('claude-haiku-5-5', usage(some), 10_000).costNano
    expect(cost({ inputTokens: 50_000, cacheReadTokens: 25_000, cacheWrite5mTokens: 25_000, outputTokens: 1000 })).toBe(5_000_000 + 250_000 + 3_125_000 + 500_000)
    expect(cost({ inputTokens: 50_001, cacheReadTokens: 25_000, cacheWrite5mTokens: 25_000, outputTokens: 1000 })).toBe(25_000_500 + 1_250_000 + 15_625_000 + 2_500_000)
    expect(cost({ outputTokens: 200_000 })).toBe(100_000_000)
  })

  it('fast mode scales the cache with the input, and leaves other models alone', () => {
    const fast = usage({ cacheReadTokens: 1_000_000, speed: 'fast' })
    expect(book.cost('claude-opus-4-6', fast, 10_000).costNano).toBe(3_000_000_000)
    expect(book.cost('claude-sonnet-5-5', fast, 10_000).costNano).toBe(100_000_000)
  })

  it('web search, US inference and the multiplier', () => {
    expect(book.cost('claude-sonnet-5-5', usage({ webSearches: 3 }), 10_000).costNano).toBe(30_000_000)
    expect(book.cost('claude-sonnet-5-5', usage({ inputTokens: 7, inferenceGeo: 'us' }), 10_000).costNano).toBe(15_400)
    // The client's own sum: searches cost no more in the US.
    expect(book.cost('claude-sonnet-5-5', usage({ inputTokens: 7, webSearches: 1, inferenceGeo: 'us' }), 10_000).costNano).toBe(10_015_400)
    expect(book.cost('claude-haiku-5-5', usage({ cacheReadTokens: 5 }), 15_000)).toMatchObject({ costNano: 50, billedNano: 75 })
    expect(book.cost('claude-haiku-5-5', usage({ cacheReadTokens: 5 }), 0)).toMatchObject({ costNano: 50, billedNano: 0 })
  })

  it('an unknown model costs nothing and says so', () => {
    const cost = book.cost('gpt-5', usage({ inputTokens: 1e6, webSearches: 1 }), 10_000)
    expect(cost).toMatchObject({ priced: false, costNano: 0, billedNano: 0, priceVersion: book.version })
    expect(Object.values(cost.parts)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('the version fits its column and changes only with the data', () => {
    expect(book.version).toMatch(/^claude-\d{4}-\d\d-\d\d-[0-9a-f]{12}$/)
    expect(createPriceBook().version).toBe(book.version)
  })

  it('the two files say the same of the long prompt, and no model has both a fast price and a step', () => {
    const haiku = models['claude-haiku-5-5'] as unknown as { over_100k_prompt: Five }
    expect(longRules['claude-haiku-5-5']).toMatchObject(haiku.over_100k_prompt)
    expect(Object.keys(fastRules).filter(name => name in longRules)).toEqual([])
  })

  it('names of one model never differ in price', () => {
    for (const one of Object.values(models)) {
      const { canonical, input, output, cache_read, cache_write_5m, cache_write_1h } = one
      const twins = Object.values(models).filter(model => model.canonical === canonical)
      for (const twin of twins) expect(twin).toMatchObject({ input, output, cache_read, cache_write_5m, cache_write_1h })
    }
  })
})

describe('model names', () => {
  it.each([
    ['claude-opus-5-5', 'claude-opus-5-5'],
    ['claude-opus-5-5[1m]', 'claude-opus-5-5'],
    ['claude-opus-5-5-20260901', 'claude-opus-5-5'],
    ['claude-opus-4-20250514', 'claude-opus-4-0'],
    ['claude-opus-4-0', 'claude-opus-4-0'],
    ['claude-opus-4', 'claude-opus-4-0'],
    ['claude-sonnet-4-0[1m]', 'claude-sonnet-4-0'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5-20250929[1m]', 'claude-sonnet-4-5'],
    ['claude-3-5-haiku', 'claude-3-5-haiku'],
    ['claude-3-7-sonnet-20250219', 'claude-3-7-sonnet'],
  ])('%s is %s', (name, canonical) => expect(book.canonical(name)).toBe(canonical))

  it.each(['gpt-5', 'claude-3-opus', 'claude-3-haiku', '', 'claude', 'opus', 'claude-opus', 'claude-opus-6', 'Claude-Opus-5-5', '[1m]', 'claude-opus-5-5[2m]', '__proto__', 'constructor'])('%j is unknown', (name) => {
    expect(book.canonical(name)).toBeNull()
  })

  it('every listed name leads to its own canonical name, also undated', () => {
    for (const [name, { canonical }] of Object.entries(models)) {
      expect(book.canonical(name)).toBe(canonical)
      expect(book.canonical(name.replace(/-\d{8}$/, ''))).toBe(canonical)
      expect(book.canonical(`${canonical}[1m]`)).toBe(canonical)
    }
  })
})
