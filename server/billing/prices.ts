import { createHash } from 'node:crypto'
import type { Cost, CostParts, Usage } from '#shared/types/usage'
import { matchesPattern } from '#shared/utils/model-pattern'
import { builtInPrices } from './built-in-prices'
import { costOf, type ModelPrices } from './cost'
import { undatedName, withoutContext } from './price-names'

export type PriceKind = 'builtin' | 'own' | 'import'

/** The price of one model, or of all that a pattern with `*` stands for. */
export interface PriceEntry {
  /** Row of the table `prices`; null for a built-in price. */
  id: string | null
  model: string
  kind: PriceKind
  /** What a log row keeps: with the model, it leads to the prices later. */
  version: string
  prices: ModelPrices
}

/** Prices of models. */
export interface PriceBook {
  /** Of the book as a whole: what a row keeps whose model has no price in it. */
  readonly version: string
  /** Canonical name of a model in the built-in list, else null. */
  canonical(model: string): string | null
  /** The price of a model by the name that a client asks for; null when none is known. */
  find(model: string): PriceEntry | null
  /** `multiplierBp`: the group's, in 1/10,000. An unknown model costs 0 and is not `priced`. */
  cost(model: string, usage: Usage, multiplierBp: number): Cost
}

const MAX_REMEMBERED = 10_000
const nothing = (): CostParts => ({ input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 })

/**
 * The built-in list with `own` prices above it, of which each model has one. The first that knows a name counts: an own price of the name
 * as asked, without `[1m]`, without its date, of the canonical name; the pattern with the most characters besides `*`;
 * the built-in list; the pattern `*`.
 */
export function createPriceBook(own: readonly PriceEntry[] = []): PriceBook {
  const builtIn = builtInPrices()
  const exact = new Map(own.filter(({ model }) => !model.includes('*')).map(entry => [entry.model, entry]))
  const patterns = own.filter(({ model }) => model.includes('*')).sort(bySpecificity)
  const found = new Map<string, PriceEntry | null>()
  const version = own.length === 0 ? builtIn.version : `${builtIn.version}+${shortHash(own.map(entry => entry.version).sort())}`

  function builtInEntry(canonical: string | null): PriceEntry | null {
    const prices = canonical === null ? undefined : builtIn.models.get(canonical)
    return canonical !== null && prices ? { id: null, model: canonical, kind: 'builtin', version: builtIn.version, prices } : null
  }

  function look(model: string): PriceEntry | null {
    const plain = withoutContext(model)
    const canonical = builtIn.canonical(model)
    for (const name of [model, plain, undatedName(plain), canonical]) {
      const entry = name === null ? undefined : exact.get(name)
      if (entry) return entry
    }
    const [pattern] = patterns.filter(entry => matchesPattern(entry.model, model) || matchesPattern(entry.model, plain))
    return (pattern && literals(pattern) > 0 ? pattern : null) ?? builtInEntry(canonical) ?? pattern ?? null
  }

  function find(model: string): PriceEntry | null {
    const known = found.get(model)
    if (known !== undefined) return known
    if (found.size >= MAX_REMEMBERED) found.clear()
    const entry = look(model)
    found.set(model, entry)
    return entry
  }

  return {
    version,
    canonical: builtIn.canonical,
    find,
    cost(model, usage, multiplierBp) {
      const entry = find(model)
      if (!entry) return { costNano: 0, billedNano: 0, parts: nothing(), priced: false, priceVersion: version }
      return { ...costOf(usage, entry.prices, multiplierBp), priced: true, priceVersion: entry.version }
    },
  }
}

/** Every entry that is in force, by name: own ones, and built-in ones that no own price of the same name replaces. */
export function allEntries(own: readonly PriceEntry[]): PriceEntry[] {
  const { version, models } = builtInPrices()
  const named = new Set(own.map(({ model }) => model))
  const builtIn = [...models].filter(([model]) => !named.has(model)).map(([model, prices]): PriceEntry => ({ id: null, model, kind: 'builtin', version, prices }))
  return [...own, ...builtIn].sort((a, b) => (a.model < b.model ? -1 : 1))
}

const literals = ({ model }: PriceEntry): number => model.replaceAll('*', '').length
const bySpecificity = (a: PriceEntry, b: PriceEntry): number => literals(b) - literals(a) || (a.model < b.model ? -1 : 1)
const shortHash = (versions: string[]): string => createHash('sha256').update(versions.join('\n')).digest('hex').slice(0, 12)
