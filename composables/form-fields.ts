import type { FormField } from '#shared/types/form'

/** A field of a console form, with its texts in the person's language. `time`: a moment, as epoch-ms. `checks`: some of the options. */
export interface ControlField extends Omit<FormField, 'kind'> {
  kind: FormField['kind'] | 'time' | 'checks'
  disabled?: boolean
  /** There is nothing to choose from: what to do about it, in place of the control. */
  missing?: { text: string, go: string, to: string }
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

/** A mapping as lines: `asked = sent`. */
export const mapLines = (map: Record<string, string>): string => Object.entries(map).map(([from, to]) => `${from} = ${to}`).join('\n')

/** Lines `asked = sent` (or `asked -> sent`) as a mapping; a line without a second name is kept with an empty one, for the check to point at. */
export function mapOf(text: unknown): Record<string, string> {
  const lines = String(text ?? '').split('\n').map(line => line.trim()).filter(Boolean)
  return Object.fromEntries(lines.map((line) => {
    const [from = '', to = ''] = line.split(/\s*(?:=|->|→)\s*/, 2)
    return [from, to]
  }))
}

/** What a field of a server's descriptor sends: lists, numbers and amounts by its kind, null when it is empty. */
export function valueOf({ kind }: Pick<ControlField, 'kind'>, value: unknown): unknown {
  if (kind === 'lines') return linesOf(value)
  return kind === 'number' ? numberOf(value) : kind === 'switch' ? value : textOf(value)
}
