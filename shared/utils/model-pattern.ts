/** Does `model` equal the pattern, where `*` stands for any run of characters? Case counts. */
export function matchesPattern(pattern: string, model: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === model
  const first = parts[0]!
  const last = parts.at(-1)!
  if (model.length < first.length + last.length || !model.startsWith(first) || !model.endsWith(last)) return false
  let at = first.length
  const end = model.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = model.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** Is the model in a list of names and patterns? An empty list allows every model. */
export const allowsModel = (patterns: readonly string[], model: string): boolean =>
  patterns.length === 0 || patterns.some(pattern => matchesPattern(pattern, model))

/** The upstream's name for a model: by its own entry, else by the first pattern that matches, else unchanged. */
export function mapModel(map: Readonly<Record<string, string>>, model: string): string {
  if (Object.hasOwn(map, model)) return map[model]!
  for (const pattern in map) if (pattern.includes('*') && matchesPattern(pattern, model)) return map[pattern]!
  return model
}
