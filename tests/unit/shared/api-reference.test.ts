import { expect, test } from 'vitest'
import { openApiDocument } from '#server/openapi/document'
import { errorStatuses } from '#server/utils/error-statuses'
import { referenceOf, type OpenApiDocument } from '#shared/utils/api-reference'

const reference = referenceOf(openApiDocument({ version: '1.2.3', statuses: errorStatuses }, 'en') as unknown as OpenApiDocument)
const calls = reference.groups.flatMap(group => group.calls)
const call = (method: string, path: string) => calls.find(each => each.method === method && each.path === path)!

test('every call stands in a group, with an anchor of its own', () => {
  expect(calls.length).toBeGreaterThan(50)
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length)
  expect(reference.groups.every(group => group.calls.length > 0 && group.name)).toBe(true)
})

test('fields inside objects and lists are named by their way', () => {
  const [body] = call('POST', '/api/keys').bodies!
  expect(body!.find(({ name }) => name === 'name')).toEqual({ name: 'name', type: 'string', refs: [], required: true, about: 'length ≥ 1; length ≤ 100' })
  expect(body!.find(({ name }) => name === 'limits.dailyUsd')?.type).toContain('number')
  expect(body!.find(({ name }) => name === 'enabled')?.about).toBe('= true')
})

test('a body of several shapes has one list for each', () => {
  const shapes = call('POST', '/api/keys/batch').bodies!
  expect(shapes.map(shape => shape.find(({ name }) => name === 'action')?.type)).toEqual(['"enable" | "disable" | "delete"', '"move"', '"limits"'])
})

test('answers name their schema, which is described below', () => {
  const names = reference.schemas.map(({ name }) => name)
  expect(call('GET', '/api/keys').answers).toEqual([{ status: '200', kind: 'list', schema: 'Key' }])
  expect(call('DELETE', '/api/keys/{id}').answers).toEqual([{ status: '204', kind: 'none', schema: null }])
  expect(call('GET', '/api/logs/export').answers[0]!.kind).toBe('file')
  const used = [...calls.flatMap(each => each.answers.map(({ schema }) => schema)), ...reference.schemas.flatMap(({ fields }) => fields.flatMap(({ refs }) => refs))]
  expect([...new Set(used.filter(name => name !== null && !names.includes(name)))]).toEqual(['object'])
  expect(reference.schemas.find(({ name }) => name === 'Log')!.fields.length).toBeGreaterThan(40)
})
