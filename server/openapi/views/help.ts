import { z } from 'zod'
import type { HelpEntry, HelpHeading, HelpView } from '#shared/types/help'

const entryFields = { slug: z.string(), title: z.string() }
const entry: z.ZodType<HelpEntry> = z.strictObject(entryFields)
const heading: z.ZodType<HelpHeading> = z.strictObject({ id: z.string(), text: z.string(), level: z.union([z.literal(2), z.literal(3)]) })
const part = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('html'), html: z.string() }),
  z.strictObject({ kind: z.literal('code'), language: z.string(), label: z.string(), text: z.string() }),
])

export const help: z.ZodType<HelpView> = z.strictObject({
  contents: z.array(entry),
  page: z.strictObject({ ...entryFields, parts: z.array(part), headings: z.array(heading), previous: entry.nullable(), next: entry.nullable() }),
  found: z.array(z.strictObject({ ...entryFields, heading: heading.nullable(), excerpt: z.string() })).nullable(),
})
