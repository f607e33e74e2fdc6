import { z } from 'zod'

export const stringList = z.array(z.string())
export const stringMap = z.record(z.string(), z.string())
export const timeMap = z.record(z.string(), z.number())
export const anyRecord = z.record(z.string(), z.unknown())

/** Parses JSON kept in a text column. Throws an Error that names the place, never the content. */
export function parseColumn<S extends z.ZodType>(schema: S, text: string, place: string): z.output<S> {
  let json: unknown
  try {
    json = JSON.parse(text)
  }
  catch {
    throw new Error(`${place} holds broken JSON`)
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new Error(`${place} holds JSON of another shape: ${parsed.error.issues.map(issue => issue.path.join('.')).join(', ')}`)
  return parsed.data
}
