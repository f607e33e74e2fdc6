import type { RefusalReason } from '#shared/types/price'
import { picoPerUse } from '#shared/utils/price'
import { parseSpan, scanTopLevel, type Span } from '../../lib/json-scan'
import { builtInPrices } from '../built-in-prices'
import type { ModelPrices, TokenPrices } from '../cost'
import { picoOf, scaled, type Inexact } from './exact'

/** Prices of one entry of the file, or why there are none; `detail`: the field, and its text where that is the trouble. */
export type EntryReading = { provider: string | null } & ({ prices: ModelPrices } | { reason: RefusalReason, detail: string | null })

/** The entry cannot be taken. */
class Refusal extends Error {
  constructor(readonly reason: RefusalReason, readonly detail: string | null) {
    super(reason)
  }
}

/** Kinds of models that answer in text and are paid by token. */
const modes = new Set(['chat', 'completion', 'responses'])
const STEP = /^(?:input_cost_per_token|output_cost_per_token|cache_read_input_token_cost|cache_creation_input_token_cost)_above_(\d{1,6})k_tokens$/
const MAX_TEXT = 80

/** Reads one entry from its own JSON text (bytes as latin1), numbers by their digits. */
export function readEntry(text: string): EntryReading {
  let provider: string | null = null
  try {
    const fields = new Fields(text)
    provider = fields.word('litellm_provider')
    return { provider, prices: pricesIn(fields) }
  }
  catch (error) {
    if (error instanceof Refusal) return { provider, reason: error.reason, detail: error.detail }
    throw error
  }
}

function pricesIn(fields: Fields): ModelPrices {
  const mode = fields.word('mode')
  if (mode !== null && !modes.has(mode)) throw new Refusal('notChat', mode)
  if (fields.has('tiered_pricing')) throw new Refusal('tiers', 'tiered_pricing')
  const input = fields.price('input_cost_per_token')
  const output = fields.price('output_cost_per_token')
  if (input === null || output === null) throw new Refusal('noPrice', input === null ? 'input_cost_per_token' : 'output_cost_per_token')
  if (input === 0 && output === 0) throw new Refusal('zeroPrice', null)
  const cacheWrite5m = fields.price('cache_creation_input_token_cost') ?? input
  const base: TokenPrices = {
    input, output, cacheWrite5m,
    cacheRead: fields.price('cache_read_input_token_cost') ?? input,
    cacheWrite1h: fields.price('cache_creation_input_token_cost_above_1hr') ?? cacheWrite5m,
  }
  return { base, fast: fastOf(fields, base), longPrompt: stepOf(fields, base), webSearch: webSearchOf(fields) }
}

/** A factor on every price of the model. */
function fastOf(fields: Fields, base: TokenPrices): TokenPrices | null {
  const factor = fields.inside('provider_specific_entry')?.digits('fast') ?? null
  if (factor === null) return null
  const by = (pico: number) => proven(scaled(pico, factor), 'provider_specific_entry.fast', factor)
  return { input: by(base.input), output: by(base.output), cacheRead: by(base.cacheRead), cacheWrite5m: by(base.cacheWrite5m), cacheWrite1h: by(base.cacheWrite1h) }
}

/** Prices that a step does not name stay; of cache prices that the model has none of, the input price counts here too. */
function stepOf(fields: Fields, base: TokenPrices): ModelPrices['longPrompt'] {
  const steps = [...new Set(fields.names().flatMap(name => STEP.exec(name)?.[1] ?? []))]
  if (steps.length === 0) return null
  if (steps.length > 1) throw new Refusal('steps', steps.map(step => `${step}k`).join(', '))
  const [step = ''] = steps
  const above = Number(step) * 1000
  if (above < 1) throw new Refusal('badEntry', `above_${step}k_tokens`)
  const at = (name: string) => fields.price(`${name}_above_${step}k_tokens`)
  const own = (name: string, price: number, input: number) => at(name) ?? (fields.has(name) ? price : input)
  const input = at('input_cost_per_token') ?? base.input
  const cacheWrite5m = own('cache_creation_input_token_cost', base.cacheWrite5m, input)
  const cacheWrite1h = fields.price(`cache_creation_input_token_cost_above_1hr_above_${step}k_tokens`)
    ?? (fields.has('cache_creation_input_token_cost_above_1hr') ? base.cacheWrite1h : cacheWrite5m)
  return {
    above,
    prices: { input, output: at('output_cost_per_token') ?? base.output, cacheRead: own('cache_read_input_token_cost', base.cacheRead, input), cacheWrite5m, cacheWrite1h },
  }
}

/** The file's price when it is the same for every size of search; else that of the built-in list. */
function webSearchOf(fields: Fields): number {
  const sizes = fields.inside('search_context_cost_per_query')
  const digits = new Set(['low', 'medium', 'high'].map(size => sizes?.digits(`search_context_size_${size}`) ?? null))
  const [one = null] = digits
  return (digits.size === 1 && one !== null ? picoPerUse(one) : null) ?? builtInPrices().webSearch
}

function proven(pico: number | Inexact, field: string, digits: string): number {
  if (typeof pico === 'number') return pico
  throw new Refusal(pico, `${field}: ${digits.slice(0, MAX_TEXT)}`)
}

/** The values of an object, unparsed. */
class Fields {
  readonly #spans: Map<string, Span>

  constructor(private readonly text: string) {
    const scan = scanTopLevel(text)
    if (!scan.ok) throw new Refusal('badEntry', null)
    this.#spans = scan.fields
  }

  names = (): string[] => [...this.#spans.keys()]
  has = (name: string): boolean => this.#raw(name) !== null

  /** A short text; null for anything else. */
  word(name: string): string | null {
    const raw = this.#raw(name)
    const span = this.#spans.get(name)
    if (!raw?.startsWith('"') || !span) return null
    try {
      return (parseSpan(this.text, span) as string).slice(0, MAX_TEXT)
    }
    catch (error) {
      if (error instanceof SyntaxError) return null
      throw error
    }
  }

  /** The digits of a number, in quotes or not; null when it is absent or null. */
  digits(name: string): string | null {
    return this.#raw(name)?.replace(/^"(.*)"$/, '$1') ?? null
  }

  /** USD per token as pico-USD; null when it is absent. */
  price(name: string): number | null {
    const digits = this.digits(name)
    return digits === null ? null : proven(picoOf(digits), name, digits)
  }

  /** An object inside; null when it is absent or something else. */
  inside(name: string): Fields | null {
    const raw = this.#raw(name)
    return raw?.startsWith('{') ? new Fields(raw) : null
  }

  #raw(name: string): string | null {
    const span = this.#spans.get(name)
    const raw = span ? this.text.slice(...span) : null
    return raw === 'null' ? null : raw
  }
}
