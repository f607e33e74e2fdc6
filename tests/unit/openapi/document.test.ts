import { describe, expect, test } from 'vitest'
import { openApiDocument } from '#server/openapi/document'
import { routeGroups } from '#server/openapi/routes/index'
import { errorStatuses } from '#server/utils/error-statuses'
import { languages } from '#shared/utils/language'
import { apiMatrix } from '../../helpers/api-matrix'
import { apiRoutes } from '../../helpers/api-routes'

type Json = Record<string, unknown>
interface Operation { operationId: string, tags: string[], summary: string, parameters?: { name: string, in: string, required: boolean, schema: Json }[], requestBody?: { content: Json }, responses: Record<string, { description: string, content?: Record<string, { schema: Json }> }>, security: Json[] }
interface Document { openapi: string, info: Json, tags: { name: string }[], paths: Record<string, Record<string, Operation>>, components: { schemas: Record<string, Json>, securitySchemes: Json } }

const document = openApiDocument({ version: '1.2.3', statuses: errorStatuses }, 'en') as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, route: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`, operation })))

/** Every object inside, with its path. */
function* inside(value: unknown, at = '#'): Generator<[string, Json]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [at, value as Json]
  for (const [name, inner] of Object.entries(value)) yield* inside(inner, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}

const find = (pointer: string): unknown => pointer.slice(2).split('/').reduce<unknown>((value, part) => (value as Json | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document)

describe('the document', () => {
  test('has every route file, and nothing else', () => {
    expect(operations.map(({ route }) => route).filter(route => !route.includes(' /claude-code/')).sort()).toEqual(apiRoutes.filter(route => route !== 'ANY /api/**'))
  })

  test('says of each route who may call it, as the permission matrix does', () => {
    for (const { route, operation } of operations) {
      const access = apiMatrix[route]
      expect([route, operation.security.length === 0]).toEqual([route, typeof access === 'object'])
      expect([route, '403' in operation.responses && 'x-admin-only' in operation]).toEqual([route, access === 'admin'])
    }
  })

  test('is OpenAPI 3.1: what must be there is there', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ title: expect.any(String) as string, version: '1.2.3' })
    expect(Object.keys(document.paths).filter(path => !path.startsWith('/'))).toEqual([])
    expect(Object.keys(document.components.schemas).filter(name => !/^[\w.-]+$/.test(name))).toEqual([])
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { route, path, method, operation } of operations) {
      expect(['get', 'put', 'post', 'delete', 'patch'], route).toContain(method)
      expect(operation.summary, route).not.toBe('')
      expect(operation.tags.every(tag => tags.includes(tag)), route).toBe(true)
      const parameters = operation.parameters ?? []
      const inPath = parameters.filter(parameter => parameter.in === 'path')
      expect(inPath.map(({ name }) => name), route).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]))
      expect(inPath.every(({ required }) => required), route).toBe(true)
      expect(new Set(parameters.map(({ name, in: where }) => `${where} ${name}`)).size, route).toBe(parameters.length)
      expect(method === 'get' && operation.requestBody !== undefined, route).toBe(false)
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/)
        expect(response.description, `${route} ${status}`).not.toBe('')
      }
      expect(Object.keys(operation.responses).some(status => status.startsWith('2')), route).toBe(true)
      for (const scheme of operation.security.flatMap(Object.keys)) expect(document.components.securitySchemes).toHaveProperty(scheme)
    }
  })

  test('refers only to what it holds', () => {
    const refs = [...inside(document)].flatMap(([at, value]) => (typeof value.$ref === 'string' ? [[at, value.$ref] as const] : []))
    expect(refs.length).toBeGreaterThan(operations.length)
    expect(refs.filter(([, ref]) => !ref.startsWith('#/components/schemas/') || find(ref) === undefined)).toEqual([])
  })

  test('uses JSON Schema 2020-12 and no word of another draft', () => {
    const old = ['nullable', 'example', 'definitions', '$schema', '$id', 'id', 'dependencies']
    const schemas = [...inside(document.components.schemas), ...operations.flatMap(({ operation }) => [...inside(operation)])]
    expect(schemas.filter(([at, value]) => !at.endsWith('/properties') && old.some(word => word in value)).map(([at]) => at)).toEqual([])
    const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
    const isSchema = (at: string) => !at.endsWith('/properties') && !at.includes('/securitySchemes')
    for (const [at, value] of schemas.filter(([at]) => isSchema(at))) for (const type of [value.type ?? []].flat()) expect(types, at).toContain(type)
  })

  test('describes each JSON answer by its fields', () => {
    const empty = operations.flatMap(({ route, operation }) => Object.entries(operation.responses).flatMap(([status, { content }]) => {
      const schema = content?.['application/json']?.schema
      if (!schema || 'text/csv' in content! || route === 'GET /api/openapi.json') return []
      const target = typeof schema.$ref === 'string' ? find(schema.$ref) as Json : schema
      return target.properties && Object.keys(target.properties).length > 0 ? [] : [`${route} ${status}`]
    }))
    expect(empty).toEqual([])
  })

  test('names no query or body field twice, and gives the limits that the server checks', () => {
    const create = document.paths['/api/keys']!.post!.requestBody!.content as { 'application/json': { schema: { required: string[], properties: Record<string, Json>, additionalProperties: boolean } } }
    const { schema } = create['application/json']
    expect(schema.required).toEqual(['name'])
    expect(schema.additionalProperties).toBe(false)
    expect(schema.properties.name).toMatchObject({ type: 'string', minLength: 1, maxLength: 100 })
    expect(document.paths['/api/keys']!.get!.parameters).toContainEqual(expect.objectContaining({ name: 'limit', in: 'query', required: false }))
  })

  test('says everything in each language', () => {
    const words = routeGroups.flatMap(({ name, routes }) => [name, ...Object.values(routes).map(({ says }) => says)])
    expect(words.filter(([en, zh]) => !en || !/[\u4e00-\u9fff]/.test(zh) || /[\u4e00-\u9fff]/.test(en))).toEqual([])
    const [first, second] = languages.map(language => JSON.stringify(openApiDocument({ version: '1', statuses: errorStatuses }, language)))
    expect(first).not.toBe(second)
  })
})
