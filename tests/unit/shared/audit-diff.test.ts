import { expect, test } from 'vitest'
import { changedFields } from '#shared/utils/audit-diff'

test('a change has both sides, a creation and a deletion one', () => {
  expect(changedFields({ name: 'a', updatedAt: 1 }, { name: 'b', updatedAt: 2 })).toEqual([{ name: 'name', before: 'a', after: 'b' }])
  expect(changedFields(null, { name: 'b', enabled: true })).toEqual([{ name: 'name', before: null, after: 'b' }, { name: 'enabled', before: null, after: 'true' }])
  expect(changedFields({ models: [] }, null)).toEqual([{ name: 'models', before: '[]', after: null }])
  expect(changedFields(null, null)).toEqual([])
})

test('null is a value, absence is none; equal values are no change', () => {
  expect(changedFields({ remark: null, same: [1] }, { remark: 'x', same: [1] })).toEqual([{ name: 'remark', before: 'null', after: 'x' }])
  expect(changedFields({}, { configChanged: ['url'] })).toEqual([{ name: 'configChanged', before: null, after: '["url"]' }])
})

test('objects are broken into lines, in order', () => {
  expect(changedFields({ limits: { a: 1, b: null } }, { limits: { a: 2, b: null } })[0]).toEqual({ name: 'limits', before: '{\n  "a": 1,\n  "b": null\n}', after: '{\n  "a": 2,\n  "b": null\n}' })
})
