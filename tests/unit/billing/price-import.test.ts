import { describe, expect, it } from 'vitest'
import { picoOf, scaled } from '#server/billing/price-import/exact'
import { PriceFileError, previewOf } from '#server/billing/price-import/preview'
import { createPriceBook } from '#server/billing/prices'
import type { PreviewRow } from '#shared/types/price'
import { fc, runs } from '../../helpers/property'

const book = createPriceBook()
const preview = (file: string, names: 'full' | 'plain' = 'full') => previewOf(Buffer.from(file).toString('latin1'), book, { names })
const entry = (fields: string) => `{ "m": { "litellm_provider": "p", "mode": "chat", ${fields} } }`
const one = async (file: string): Promise<PreviewRow> => (await preview(file))[0]!

describe('a number of the file', () => {
  it.each([
    ['2.5e-07', 250_000], ['0.00000025', 250_000], ['25e-8', 250_000], ['3e-06', 3_000_000], ['0.000003', 3_000_000], ['5.46875e-07', 546_875],
    ['1E-12', 1], ['0', 0], ['0.0', 0], ['0e-300', 0], ['1e-3', 1_000_000_000], ['0.100e-05', 1_000_000], ['1.0000000000000000000000000000e-06', 1_000_000],
  ])('%s is exact', (text, pico) => expect(picoOf(text)).toBe(pico))

  it.each([['1e-13', 'inexact'], ['8.33333e-08', 83_333.3], ['1.00000000000001e-06', 'inexact'], ['1.1e-3', 'tooBig'], ['1', 'tooBig'], ['1e308', 'tooBig'], ['9e999', 'tooBig'], ['-1e-6', 'badEntry'], ['NaN', 'badEntry'], ['', 'badEntry'], ['1e-06 ', 'badEntry']] as const)('%s is not', (text, expected) => {
    expect(picoOf(text)).toBe(typeof expected === 'number' ? 'inexact' : expected)
  })

  it('however it is written, gives the pico-USD that it stands for', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), fc.integer({ min: -20, max: 20 }), fc.nat(5), (pico, shift, zeros) => {
      // pico × 1e-12, the point moved by `shift`.
      const places = 12 + shift
      const digits = String(pico).padStart(Math.max(0, places) + 1, '0')
      const mantissa = places > 0 ? `${digits.slice(0, -places)}.${digits.slice(-places)}${'0'.repeat(zeros)}` : digits + '0'.repeat(-places)
      expect(picoOf(`${mantissa}e${shift}`)).toBe(pico)
    }), runs(2000))
  })

  it('a factor is exact or refused', () => {
    expect(scaled(5_000_000, '6.0')).toBe(30_000_000)
    expect(scaled(546_875, '1.1')).toBe('inexact')
    expect(scaled(999_999_999, '2')).toBe('tooBig')
    expect(scaled(5, 'x')).toBe('badEntry')
  })
})

describe('an entry of the file', () => {
  it('brings five prices, fast mode, the step and web searches', async () => {
    const row = await one(entry(`"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
      "cache_creation_input_token_cost_above_1hr": 6e-06, "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
      "cache_read_input_token_cost_above_200k_tokens": 6e-07, "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06, "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
      "input_cost_per_token_above_200k_tokens_priority": 9e-06, "provider_specific_entry": {"us": 1.1, "fast": 2.0},
      "search_context_cost_per_query": {"search_context_size_low": 0.012, "search_context_size_medium": 0.012, "search_context_size_high": 0.012}`))
    expect(row).toEqual({
      name: 'm', model: 'm', provider: 'p', status: 'new', reason: null, detail: null, current: null,
      prices: {
        input: '3', output: '15', cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6', webSearch: '0.012',
        fast: { input: '6', output: '30', cacheRead: '0.6', cacheWrite5m: '7.5', cacheWrite1h: '12' },
        longPrompt: { above: 200_000, input: '6', output: '22.5', cacheRead: '0.6', cacheWrite5m: '7.5', cacheWrite1h: '12' },
      },
    })
  })

  it('without cache prices has cached tokens cost what others do, in a step too', async () => {
    const row = await one(entry('"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_above_128k_tokens": 2e-06'))
    expect(row.prices).toMatchObject({ cacheRead: '1', cacheWrite5m: '1', cacheWrite1h: '1', webSearch: '0.01', longPrompt: { above: 128_000, input: '2', output: '2', cacheRead: '2', cacheWrite1h: '2' } })
  })

  it.each([
    ['"mode": "embedding", "input_cost_per_token": 1e-6, "output_cost_per_token": 0', 'notChat', 'embedding'],
    ['"input_cost_per_token": 1e-6', 'noPrice', 'output_cost_per_token'],
    ['"input_cost_per_token": null, "output_cost_per_token": 1e-6', 'noPrice', 'input_cost_per_token'],
    ['"input_cost_per_token": 0.0, "output_cost_per_token": 0', 'zeroPrice', null],
    ['"input_cost_per_token": 1e-6, "output_cost_per_token": 8.33333e-08', 'inexact', 'output_cost_per_token: 8.33333e-08'],
    ['"input_cost_per_token": 1, "output_cost_per_token": 1', 'tooBig', 'input_cost_per_token: 1'],
    ['"input_cost_per_token": -1e-6, "output_cost_per_token": 1e-6', 'badEntry', 'input_cost_per_token: -1e-6'],
    ['"input_cost_per_token": {}, "output_cost_per_token": 1e-6', 'badEntry', 'input_cost_per_token: {}'],
    ['"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "tiered_pricing": []', 'tiers', 'tiered_pricing'],
    ['"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "input_cost_per_token_above_128k_tokens": 2e-6, "output_cost_per_token_above_200k_tokens": 3e-6', 'steps', '128k, 200k'],
  ])('%s cannot be taken', async (fields, reason, detail) => {
    expect(await one(entry(fields))).toMatchObject({ status: 'refused', reason, detail, prices: null })
  })

  it.each(['{"m": 5}', '{"m": null}', '{"m": [1]}', '{"m": "x"}'])('%s is refused, not fatal', async file => expect(await one(file)).toMatchObject({ status: 'refused', reason: 'badEntry' }))

  it('a name that would be a pattern is refused; the sample is no model; a text may hold a number', async () => {
    const prices = '"input_cost_per_token": "1e-6", "output_cost_per_token": 1e-6'
    expect(await preview(`{"sample_spec": {"mode": "one of"}, "bedrock/*/x": {${prices}}, "a b": {${prices}}, "模型": {${prices}}}`)).toMatchObject([
      { name: 'bedrock/*/x', reason: 'badName' }, { name: 'a b', reason: 'badName' }, { name: '模型', status: 'new', prices: { input: '1' } },
    ])
  })

  it.each(['', '[]', '{', '{"a": {}', 'hello', '{"a": {}} x'])('%j is no price file', async (file) => {
    await expect(preview(file)).rejects.toThrow(PriceFileError)
  })
})

describe('against the prices in force', () => {
  const claude = (input: string) => `"input_cost_per_token": ${input}, "output_cost_per_token": 2e-05, "cache_read_input_token_cost": 2e-07, "cache_creation_input_token_cost": 5e-06, "cache_creation_input_token_cost_above_1hr": 8e-06, "provider_specific_entry": {"fast": 2}`

  it('an entry is new, changed or unchanged', async () => {
    const rows = await preview(`{"claude-opus-5-5": {${claude('4e-06')}}, "claude-opus-5-5-20260901": {${claude('5e-06')}}, "gpt-9": {${claude('1e-06')}}}`)
    expect(rows.map(({ status }) => status)).toEqual(['unchanged', 'changed', 'new'])
    expect(rows[1]?.current).toMatchObject({ kind: 'builtin', input: '4' })
  })

  it('plain names: the plain entry counts, twins that agree are one, others are left to choose', async () => {
    const at = (price: string) => `{"input_cost_per_token": ${price}, "output_cost_per_token": 1e-06}`
    const rows = await preview(`{"zai/glm": ${at('1e-06')}, "x/y/glm": ${at('1.0e-06')}, "a/kimi": ${at('1e-06')}, "b/kimi": ${at('2e-06')}, "c/qwen": ${at('3e-06')}, "qwen": ${at('1e-06')}}`, 'plain')
    expect(rows.map(({ name, model, status, reason }) => [name, model, reason ?? status])).toEqual([
      ['zai/glm', 'glm', 'new'], ['x/y/glm', 'glm', 'ambiguous'], ['a/kimi', 'kimi', 'ambiguous'], ['b/kimi', 'kimi', 'ambiguous'], ['c/qwen', 'qwen', 'ambiguous'], ['qwen', 'qwen', 'new'],
    ])
  })
})
