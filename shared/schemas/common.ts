import { z } from 'zod'

// The pages' content security policy forbids code made from text; zod's probe for it would be reported as a violation.
if ('document' in globalThis) z.config({ jitless: true })

/** Shown name of a group, account or key. */
export const nameField = z.string().trim().min(1).max(100)
export const idField = z.string().min(1).max(40).regex(/^[\w-]+$/)
/** A password as typed, never trimmed. */
export const secretField = z.string().min(1).max(256)
/** Epoch milliseconds. */
export const timeField = z.int().min(0)

/** Exact model names, or patterns with `*`. Empty = all. */
export const modelsField = z.array(z.string().trim().min(1).max(200).regex(/^\S+$/, 'errors.model')).max(500)

/** An amount in USD, as number or decimal string with up to nine decimals. */
export const usdField = z.union([
  z.number().min(0).max(9_000_000),
  z.string().trim().regex(/^\d{1,7}(?:\.\d{1,9})?$/, 'errors.money'),
], 'errors.money')

/** The query of every list: `cursor` is the `nextCursor` of the page before. */
export const pageFields = {
  cursor: z.string().min(1).max(1_000).regex(/^[\w.-]+$/, 'errors.cursor').optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

export const NEWEST_FIRST = '-createdAt'

/** The order of a list: one of these columns, from its smallest value, with `-` from its largest. */
export const sortField = (columns: readonly string[], standard: string = NEWEST_FIRST) => z.enum(columns.flatMap(name => [name, `-${name}`])).default(standard)

/** A yes or no in a query string. */
export const queryFlag = z.enum(['true', 'false', '1', '0']).transform(text => text === 'true' || text === '1')

const exportFormats = ['csv', 'json', 'ndjson'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** The query of every file. `bom`: begin CSV with the mark by which Excel knows UTF-8. */
export const exportFields = { format: z.enum(exportFormats).default('csv'), bom: queryFlag.default(false) }
