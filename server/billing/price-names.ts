import type { PricingTerms } from '#shared/types/log'

const CONTEXT_SUFFIX = /\[1m\]$/
const DATE_SUFFIX = /-\d{8}$/

/** The name without the suffix that asks for a long context, which costs nothing extra. */
export const withoutContext = (name: string): string => name.replace(CONTEXT_SUFFIX, '')

export const undatedName = (name: string): string => name.replace(DATE_SUFFIX, '')

/** Reads the canonical name behind what a client may call a model; null for a name the price list does not know. */
export type ModelNames = (name: string) => string | null

/**
 * Dated, undated and `-4-0` names mean the same model, and a `[1m]` suffix asks for no other price.
 * `list`: the listed names with the canonical name of each.
 */
export function createModelNames(list: Record<string, { canonical: string }>): ModelNames {
  const known = new Map<string, string>()
  for (const [name, { canonical }] of Object.entries(list)) {
    for (const alias of [name, undatedName(name), canonical]) known.set(alias, canonical)
  }
  return (name) => {
    const plain = withoutContext(name)
    return known.get(plain) ?? known.get(undatedName(plain)) ?? null
  }
}

/** The name to look up for a request: the model asked for, or the one that answered where the group's terms say so. */
export const pricedName = ({ priceBy, model, servedModel }: Pick<PricingTerms, 'priceBy'> & { model: string | null, servedModel: string | null }): string =>
  (priceBy === 'served' ? servedModel ?? model : model) ?? ''
