import { asFields } from '../_shared/anthropic-reducer'
import type { Fields } from './chat'

/** Keywords that also upstreams with little of JSON Schema understand. */
const PLAIN = new Set(['type', 'description', 'properties', 'required', 'items', 'enum', 'anyOf', '$ref', '$defs', 'title'])
/** Keywords whose values are named schemas. */
const NAMED = new Set(['properties', '$defs'])

/** A tool's schema as an upstream takes it: an object with properties, without the name of its dialect; `plain`: common keywords only. */
export function objectSchema(schema: Fields, plain: boolean): Fields {
  const { $schema: _, ...rest } = schema
  return { ...plain ? plainSchema(rest) : rest, type: 'object', properties: plain ? namedSchemas(rest.properties) : asFields(rest.properties) ?? {} }
}

function plainSchema(schema: Fields): Fields {
  const out: Fields = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'const') out.enum = [value]
    else if (key === 'oneOf' && Array.isArray(value)) out.anyOf = value.map(plainValue)
    else if (NAMED.has(key)) out[key] = namedSchemas(value)
    else if (key === 'items' || key === 'anyOf') out[key] = Array.isArray(value) ? value.map(plainValue) : plainValue(value)
    else if (PLAIN.has(key)) out[key] = value
  }
  return out
}

const namedSchemas = (value: unknown): Fields => Object.fromEntries(Object.entries(asFields(value) ?? {}).map(([name, schema]) => [name, plainValue(schema)]))

function plainValue(value: unknown): unknown {
  const schema = asFields(value)
  return schema ? plainSchema(schema) : value
}

/** Does the schema keep to what "strict" demands: every object closed and all its properties required? */
export function isStrict(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isStrict)
  const schema = asFields(value)
  if (!schema) return true
  const properties = asFields(schema.properties)
  if (schema.type === 'object' || properties) {
    const required = Array.isArray(schema.required) ? schema.required : []
    if (schema.additionalProperties !== false || !Object.keys(properties ?? {}).every(name => required.includes(name))) return false
  }
  return Object.values(properties ?? {}).every(isStrict) && [schema.items, schema.anyOf, ...Object.values(asFields(schema.$defs) ?? {})].every(isStrict)
}
