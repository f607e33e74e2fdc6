import { describe, expect, test } from 'vitest'
import { problemsOf } from '#shared/schemas/errors'
import { logoSchema, MAX_LOGO_BYTES } from '#shared/schemas/logo'
import { pictureTypeOf } from '#shared/utils/picture'
import { beginnings, noPictures, pngPixel } from '../../helpers/pictures'

const problemOf = (data: unknown) => {
  const { error } = logoSchema.safeParse({ data })
  return error ? problemsOf(error).map(({ path, key }) => `${path} ${key}`).join() : null
}
/** A PNG of exactly that many bytes. */
const sized = (bytes: number) => Buffer.concat([pngPixel, Buffer.alloc(bytes - pngPixel.length)]).toString('base64')

describe('a picture', () => {
  test.each(Object.entries(beginnings))('is known as %s by its first bytes', (type, bytes) => {
    expect(pictureTypeOf(bytes)).toBe(type)
    expect(problemOf(bytes.toString('base64'))).toBeNull()
  })

  test.each(Object.entries(noPictures))('is not %s', (_what, bytes) => {
    expect(pictureTypeOf(bytes)).toBeNull()
    expect(problemOf(bytes.toString('base64'))).toBe('data errors.pictureType')
  })

  test.each([MAX_LOGO_BYTES - 2, MAX_LOGO_BYTES - 1, MAX_LOGO_BYTES])('of %i bytes is taken', (bytes) => {
    expect(problemOf(sized(bytes))).toBeNull()
  })

  test.each([MAX_LOGO_BYTES + 1, MAX_LOGO_BYTES + 2, MAX_LOGO_BYTES * 4])('of %i bytes is too large', (bytes) => {
    expect(problemOf(sized(bytes))).toBe('data errors.pictureSize')
  })

  test('is base64, and there', () => {
    expect(problemOf('not base64!')).toBe('data errors.format')
    expect(problemOf('data:image/png;base64,iVBORw0KGgo=')).toBe('data errors.format')
    expect(problemOf('')).toBe('data errors.pictureType')
    expect(problemOf(undefined)).toBe('data errors.required')
  })
})
