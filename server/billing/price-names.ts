const CONTEXT_SUFFIX = /\[1m\]$/
const DATE_SUFFIX = /-\d{8}$/

/** Reads the canonical name behind what a client may call a model; null for a name the price list does not know. */
export type ModelNames = (name: string) => string | null

/**
 * Dated, undated and `-4-0` names mean the same model, and a `[1m]` suffix asks for no other price.
 * `list`: the listed names with the canonical name of each.
 */
export function createModelNames(list: Record<string, { canonical: string }>): ModelNames {
  const known = new Map<string, string>()
  for (const [name, { canonical }] of Object.entries(list)) {
    for (const alias of [name, name.replace(DATE_SUFFIX, ''), canonical]) known.set(alias, canonical)
  }
  return (name) => {
    const plain = name.replace(CONTEXT_SUFFIX, '')
    return known.get(plain) ?? known.get(plain.replace(DATE_SUFFIX, '')) ?? null
  }
}
