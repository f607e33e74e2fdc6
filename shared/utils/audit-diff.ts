/** A field with its value before and after as text; null: it was not there. */
export interface ChangedField { name: string, before: string | null, after: string | null }

type Values = Record<string, unknown> | null

const textOf = (values: Values, name: string): string | null => {
  if (!values || !(name in values)) return null
  const value = values[name]
  return typeof value === 'string' ? value : JSON.stringify(value, null, typeof value === 'object' && value !== null && Object.keys(value).length > 1 ? 2 : undefined)
}

/** When it was changed the row itself says, so `updatedAt` is left out; equal values are no change. */
export function changedFields(before: Values, after: Values): ChangedField[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(name => name !== 'updatedAt')
  return names.map(name => ({ name, before: textOf(before, name), after: textOf(after, name) })).filter(field => field.before !== field.after)
}
