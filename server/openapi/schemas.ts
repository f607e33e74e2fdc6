import { z } from 'zod'
import * as admin from './views/admin'
import * as common from './views/common'
import * as keyQuery from './views/key-query'
import * as keys from './views/keys'
import * as people from './views/people'
import * as pool from './views/pool'
import * as stats from './views/stats'
import * as status from './views/status'

export type JsonSchema = Record<string, unknown>

const modules = [common, people, keys, keyQuery, pool, stats, status, admin]

/** Small schemas that are written out where they are used. */
const isNamed = (schema: unknown): schema is z.ZodType => schema instanceof z.ZodObject

const nameOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** Views that the document names, by the schema. */
const views = z.registry<{ id: string }>()
for (const [name, schema] of modules.flatMap(module => Object.entries(module))) if (isNamed(schema)) views.add(schema, { id: nameOf(name) })

const refTo = (id: string): string => `#/components/schemas/${id}`

const options = { unrepresentable: 'any', target: 'draft-2020-12' } as const

/** OpenAPI 3.1 speaks JSON Schema itself; only what names a file of its own goes. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '$schema' && name !== '$id').map(([name, inner]) => [name, bare(inner)]))
}

/** Every named view. */
export function componentSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(views, { ...options, io: 'output', uri: refTo })
  return bare(schemas) as Record<string, JsonSchema>
}

/** What an answer is described by: a reference where it has a name. */
export function answerSchema(schema: z.ZodType): JsonSchema {
  const id = views.get(schema)?.id
  return id === undefined ? bare(z.toJSONSchema(schema, { ...options, io: 'output' })) as JsonSchema : { $ref: refTo(id) }
}

/** What may be sent: before defaults and conversions. */
export const inputSchema = (schema: z.ZodType): JsonSchema => bare(z.toJSONSchema(schema, { ...options, io: 'input' })) as JsonSchema
