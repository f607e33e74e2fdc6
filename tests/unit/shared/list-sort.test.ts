import { describe, expect, it } from 'vitest'
import { directionOf, nextOrder, orderOf } from '#shared/utils/list-sort'

const columns = [{ sort: 'name' }, { sort: 'lastUsedAt', largestFirst: true }, {}]
const [name, lastUsed, plain] = columns as [typeof columns[0], typeof columns[0], typeof columns[0]]

describe('the order of a list in the URL', () => {
  it('is taken when a column has it, in both directions', () => {
    expect(orderOf('name', columns, '-createdAt')).toBe('name')
    expect(orderOf('-lastUsedAt', columns, '-createdAt')).toBe('-lastUsedAt')
  })

  it('is the standard one when nobody set one, or one that no column has', () => {
    for (const asked of ['', 'size', '--name', 'undefined', '-undefined', 'name,id']) expect(orderOf(asked, columns, '-createdAt')).toBe('-createdAt')
  })

  it('turns with every click, and begins as the column says', () => {
    expect(nextOrder(name, '-createdAt')).toBe('name')
    expect(nextOrder(name, 'name')).toBe('-name')
    expect(nextOrder(name, '-name')).toBe('name')
    expect(nextOrder(lastUsed, 'name')).toBe('-lastUsedAt')
    expect(nextOrder(lastUsed, '-lastUsedAt')).toBe('lastUsedAt')
  })

  it('is said of the sorted column alone', () => {
    expect(directionOf(name, 'name')).toBe('ascending')
    expect(directionOf(name, '-name')).toBe('descending')
    expect(directionOf(lastUsed, 'name')).toBeUndefined()
    expect(directionOf(plain, '-createdAt')).toBeUndefined()
  })
})
