import { describe, expect, it } from 'vitest'
import type { TokenPrices } from '#server/billing/cost'
import { builtInPrices } from '#server/billing/built-in-prices'
import { pricesOf, pricesView } from '#server/billing/price-view'
import { createPriceBook, type PriceEntry } from '#server/billing/prices'
import { priceSetSchema } from '#shared/schemas/price'
import { noUsage, type Usage } from '#shared/types/usage'
import { fc, runs } from '../../helpers/property'

const flat = (pico: number): TokenPrices => ({ input: pico, output: pico, cacheRead: pico, cacheWrite5m: pico, cacheWrite1h: pico })
const own = (model: string, pico = 1_000_000): PriceEntry => ({ id: model, model, kind: 'own', version: `own-${model}`, prices: { base: flat(pico), fast: null, longPrompt: null, webSearch: 0 } })

/** A non-negative fraction, kept whole. */
class Fraction {
  constructor(readonly over: bigint, readonly under: bigint = 1n) {}
  plus = (other: Fraction) => new Fraction(this.over * other.under + other.over * this.under, this.under * other.under)
  times = (other: Fraction) => new Fraction(this.over * other.over, this.under * other.under)
  rounded = () => (2n * this.over + this.under) / (2n * this.under)
}
/** Decimal text as a fraction. */
function exact(text: string): Fraction {
  const [whole = '', part = ''] = text.split('.')
  return new Fraction(BigInt(whole + part), 10n ** BigInt(part.length))
}
const million = new Fraction(1n, 1_000_000n)
const picoPerUsd = new Fraction(10n ** 12n)
const nanoPerUsd = new Fraction(10n ** 9n)

const usd = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999_999 })).map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`)
const five = fc.record({ input: usd, output: usd, cacheRead: usd, cacheWrite5m: usd, cacheWrite1h: usd })
const priced = fc.record({
  input: usd, output: usd, cacheRead: usd, cacheWrite5m: usd, cacheWrite1h: usd,
  fast: fc.option(five), longPrompt: fc.option(five.chain(prices => fc.integer({ min: 1, max: 400_000 }).map(above => ({ above, ...prices })))),
  webSearch: fc.integer({ min: 0, max: 99_999_999 }).map(nano => `0.${String(nano).padStart(9, '0')}`),
})
const tokens = fc.oneof(fc.constant(0), fc.nat(300), fc.nat(2_000_000))
const usages: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens, outputTokens: tokens, cacheReadTokens: tokens, cacheWrite5mTokens: tokens, cacheWrite1hTokens: tokens, thinkingTokens: tokens,
  webSearches: fc.nat(20), serviceTier: fc.constant(null), speed: fc.constantFrom(null, 'standard', 'fast'), inferenceGeo: fc.constantFrom(null, 'us', 'global'),
})

describe('own prices', () => {
  it('of any size equal exact arithmetic from their decimal text, and parts add up', () => {
    fc.assert(fc.property(priced, usages, fc.nat(1_000_000), (given, usage, multiplierBp) => {
      const input = priceSetSchema.parse({ model: 'm', ...given })
      const { parts, costNano, billedNano } = createPriceBook([{ ...own('m'), prices: pricesOf(input) }]).cost('m', usage, multiplierBp)
      const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
      const step = given.longPrompt && prompt > given.longPrompt.above ? given.longPrompt : given
      const prices = usage.speed === 'fast' && given.fast ? given.fast : step
      // In the US a price is a tenth dearer, to the nearest pico-USD.
      const perToken = (price: Fraction) => usage.inferenceGeo === 'us' ? new Fraction(price.times(picoPerUsd).times(new Fraction(11n, 10n)).rounded(), picoPerUsd.over) : price
      const part = (count: number, price: string) => perToken(exact(price).times(million)).times(new Fraction(BigInt(count)))
      const all = [
        part(usage.inputTokens, prices.input), part(usage.outputTokens, prices.output), part(usage.cacheReadTokens, prices.cacheRead),
        part(usage.cacheWrite5mTokens, prices.cacheWrite5m), part(usage.cacheWrite1hTokens, prices.cacheWrite1h), exact(given.webSearch).times(new Fraction(BigInt(usage.webSearches))),
      ]
      const nano = all.reduce((sum, one) => sum.plus(one), new Fraction(0n)).times(nanoPerUsd).rounded()
      expect(BigInt(costNano)).toBe(nano)
      expect(BigInt(billedNano)).toBe(new Fraction(nano * BigInt(multiplierBp), 10_000n).rounded())
      const sum = Object.values(parts).reduce((total, one) => total + BigInt(one), 0n)
      if (Object.values(parts).every(Number.isSafeInteger)) expect(new Fraction(sum, 1000n).rounded()).toBe(nano)
    }), runs(3000))
  })

  it('are told as they were set', () => {
    fc.assert(fc.property(priced, (given) => {
      const prices = pricesOf(priceSetSchema.parse({ model: 'm', ...given }))
      expect(pricesOf(priceSetSchema.parse({ model: 'm', ...pricesView(prices) }))).toEqual(prices)
    }))
  })

  it('no count of tokens and no price makes a cost that is no safe integer', () => {
    const most = { ...own('m'), prices: { base: flat(1_000_000_000), fast: null, longPrompt: null, webSearch: 100_000_000_000_000 } }
    const usage = { ...noUsage(), inputTokens: 1e9, outputTokens: 1e9, cacheReadTokens: 1e9, cacheWrite5mTokens: 1e9, cacheWrite1hTokens: 1e9, webSearches: 1e9, inferenceGeo: 'us' }
    const { costNano, billedNano } = createPriceBook([most]).cost('m', usage, 1_000_000)
    expect([costNano, billedNano].every(Number.isSafeInteger)).toBe(true)
  })

  it.each([
    ['m', ['m', 'm*', '*'], 'm'],
    ['m[1m]', ['m', 'm[1m]', '*'], 'm[1m]'],
    ['m-20260901[1m]', ['m', 'm*'], 'm'],
    ['m-20260901', ['m-20260901', 'm'], 'm-20260901'],
    ['glm-4.6-air', ['glm-*', 'glm-4.6*', '*'], 'glm-4.6*'],
    ['x-y', ['x-*', '*-y'], '*-y'],
    ['claude-opus-4-20250514', ['claude-opus-4-0', 'claude-*'], 'claude-opus-4-0'],
    ['claude-opus-5-5', ['claude-opus-*', '*'], 'claude-opus-*'],
    ['claude-opus-5-5[1m]', ['*', 'gpt-*'], 'claude-opus-5-5'],
    ['gpt-9', ['*'], '*'],
    ['gpt-9', ['claude-*'], null],
  ])('of %s, out of %j, counts %s', (asked, models, expected) => {
    expect(createPriceBook(models.map(model => own(model))).find(asked)?.model ?? null).toBe(expected)
  })

  it('a book\'s version changes with every own price and comes back with the old ones', () => {
    const versions = [[], [own('a')], [own('b')], [own('a'), own('b')]].map(entries => createPriceBook(entries).version)
    expect(new Set(versions).size).toBe(4)
    expect(versions[0]).toBe(builtInPrices().version)
    expect(createPriceBook([own('b'), own('a')]).version).toBe(versions[3])
  })

  it.each(['-1', '1.0000001', '1000.1', 'abc', '1e3', '', 1e-7, Number.NaN])('%s is no price', (input) => {
    expect(priceSetSchema.safeParse({ model: 'm', input, output: 1 }).success).toBe(false)
  })
})
