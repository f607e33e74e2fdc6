import type { FormField } from '#shared/types/form'

/** A field of a console form, with its texts in the person's language. `lines`: one entry a line. `time`: a moment, as epoch-ms. */
export interface ControlField extends Omit<FormField, 'kind'> {
  kind: FormField['kind'] | 'lines' | 'time'
  disabled?: boolean
}

export type FormValues = Record<string, unknown>

/** Values by dotted name as a nested body: `{ 'credentials.apiKey': 'x' }` → `{ credentials: { apiKey: 'x' } }`. */
export function nest(values: FormValues): FormValues {
  const body: FormValues = {}
  for (const [name, value] of Object.entries(values)) {
    const path = name.split('.')
    const last = path.pop()!
    const parent = path.reduce<FormValues>((object, step) => (object[step] ??= {}) as FormValues, body)
    parent[last] = value
  }
  return body
}

export const linesOf = (text: unknown): string[] => String(text ?? '').split(/[\n,]/).map(line => line.trim()).filter(Boolean)

/** A number field's value, or null when it was emptied. */
export const numberOf = (value: unknown): number | null => typeof value === 'number' ? value : null

/** A text field's value, or null when it is empty. */
export const textOf = (value: unknown): string | null => String(value ?? '').trim() || null
