import { describe, expect, it } from 'vitest'
import { safeEqual, sha256Hex } from '#server/lib/hash'

describe('hash', () => {
  it('gives the known digests, unicode as UTF-8', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('é')).not.toBe(sha256Hex('e\u0301'))
  })

  it.each([
    ['same', 'same', true],
    ['', '', true],
    ['same', 'samf', false],
    ['same', 'same ', false],
    ['', 'x', false],
    ['钥匙', '钥匙', true],
  ])('compares %j and %j without throwing on different lengths', (a, b, equal) => {
    expect(safeEqual(a, b)).toBe(equal)
  })
})
