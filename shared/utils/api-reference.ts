/** The OpenAPI document, made flat for people to read. */

export type JsonSchema = { [name: string]: unknown }

export interface ReferenceField {
  /** `limits.dailyUsd`, `attempts[].status` */
  name: string
  type: string
  /** Names of schemas inside the type. */
  refs: string[]
  required: boolean
  /** What it means and what it may be. */
  about: string
}

export interface ReferenceCall {
  id: string
  method: string
  path: string
  summary: string
  admin: boolean
  open: boolean
  parameters: ReferenceField[]
  /** Of the body, one list for each shape that it may have; null: none. */
  bodies: ReferenceField[][] | null
  answers: { status: string, kind: 'schema' | 'list' | 'file' | 'events' | 'none', schema: string | null }[]
  errors: { status: string, codes: string }[]
}

export interface ApiReference {
  version: string
  description: string
  groups: { id: string, name: string, calls: ReferenceCall[] }[]
  schemas: { name: string, fields: ReferenceField[] }[]
}

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  parameters?: { name: string, in: string, required: boolean, schema: JsonSchema }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, { description: string, content?: Record<string, { schema: JsonSchema }> }>
  security: unknown[]
}

export interface OpenApiDocument {
  info: { version: string, description: string }
  tags: { 'name': string, 'x-displayName': string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema> }
}

export function referenceOf({ info, tags, paths, components }: OpenApiDocument): ApiReference {
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ tag: operation.tags[0], call: callOf(path, method, operation) })))
  return {
    version: info.version,
    description: info.description,
    groups: tags.map(tag => ({ id: tag.name, name: tag['x-displayName'], calls: calls.filter(each => each.tag === tag.name).map(({ call }) => call) })),
    schemas: Object.entries(components.schemas).map(([name, schema]) => ({ name, fields: fieldsOf(schema) })).sort((a, b) => a.name.localeCompare(b.name)),
  }
}

function callOf(path: string, method: string, operation: Operation): ReferenceCall {
  const statuses = Object.entries(operation.responses)
  const body = operation.requestBody?.content['application/json']?.schema
  return {
    id: operation.operationId, method: method.toUpperCase(), path, summary: operation.summary, admin: 'x-admin-only' in operation, open: operation.security.length === 0,
    parameters: (operation.parameters ?? []).map(({ name, required, schema }) => ({ name, required, type: typeOf(schema), refs: refsOf(schema), about: aboutOf(schema) })),
    bodies: body ? shapesOf(body).map(shape => fieldsOf(shape)) : null,
    answers: statuses.filter(([status]) => status.startsWith('2')).map(([status, { content }]) => ({ status, ...answerOf(content) })),
    errors: statuses.filter(([status]) => !status.startsWith('2')).map(([status, { description }]) => ({ status, codes: description })),
  }
}

function answerOf(content: Record<string, { schema: JsonSchema }> | undefined): Pick<ReferenceCall['answers'][number], 'kind' | 'schema'> {
  const schema = content?.['application/json']?.schema
  if (content && 'text/event-stream' in content) return { kind: 'events', schema: null }
  if (!content || !schema) return { kind: 'none', schema: null }
  if ('text/csv' in content) return { kind: 'file', schema: null }
  const items = (schema.properties as { items?: { items?: JsonSchema } } | undefined)?.items?.items
  return items ? { kind: 'list', schema: typeOf(items) } : { kind: 'schema', schema: typeOf(schema) }
}

const shapesOf = (schema: JsonSchema): JsonSchema[] => (schema.oneOf ?? schema.anyOf ?? [schema]) as JsonSchema[]

/** All fields of an object, those of objects inside it too, by dotted names. */
function fieldsOf(schema: JsonSchema, before = '', depth = 0): ReferenceField[] {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, JsonSchema>, required?: string[] }
  return Object.entries(properties).flatMap(([name, inner]) => {
    const field = { name: before + name, type: typeOf(inner), refs: refsOf(inner), required: required.includes(name), about: aboutOf(inner) }
    const within = withoutNull(inner)
    const nested = within.type === 'array' ? { schema: within.items as JsonSchema, mark: '[].' } : { schema: within, mark: '.' }
    return [field, ...nested.schema?.properties && depth < 3 ? fieldsOf(nested.schema, `${before}${name}${nested.mark}`, depth + 1) : []]
  })
}

function withoutNull(schema: JsonSchema): JsonSchema {
  const others = (schema.anyOf as JsonSchema[] | undefined)?.filter(one => one.type !== 'null')
  return others?.length === 1 ? others[0]! : schema
}

const refName = (ref: unknown): string => String(ref).split('/').at(-1) ?? ''

function typeOf(schema: JsonSchema): string {
  if (schema.$ref) return refName(schema.$ref)
  const choices = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ')
  if (schema.enum) return (schema.enum as unknown[]).map(value => JSON.stringify(value)).join(' | ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.type === 'array') {
    const item = typeOf((schema.items ?? {}) as JsonSchema)
    return item.includes(' ') ? `(${item})[]` : `${item}[]`
  }
  return [schema.type ?? 'any'].flat().join(' | ')
}

function refsOf(schema: JsonSchema): string[] {
  if (schema.$ref) return [refName(schema.$ref)]
  const inside = [...(schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[], ...schema.items ? [schema.items as JsonSchema] : []]
  return inside.flatMap(refsOf)
}

const limits: [word: string, sign: string][] = [['minimum', '≥ '], ['maximum', '≤ '], ['minLength', 'length ≥ '], ['maxLength', 'length ≤ '], ['minItems', 'entries ≥ '], ['maxItems', 'entries ≤ '], ['pattern', ''], ['default', '= ']]

function aboutOf(schema: JsonSchema): string {
  const within = withoutNull(schema)
  const said = limits.flatMap(([word, sign]) => {
    const value = within[word] ?? schema[word]
    return value === undefined || value === Number.MAX_SAFE_INTEGER || (value === 0 && word === 'minimum') ? [] : [`${sign}${typeof value === 'string' && word === 'pattern' ? value : JSON.stringify(value)}`]
  })
  return [within.description ?? schema.description, ...said].filter(Boolean).join('; ')
}
