import { describe, expect, it } from 'vitest'
import { SealError, createSealer } from '#server/lib/seal'
import type { SealFault, Sealer } from '#server/lib/seal'

const oldSecret = 'old-secret-old-secret-old-secret-00'
const newSecret = 'new-secret-new-secret-new-secret-00'
const context = 'account:0193:credentials'
const plain = '{"apiKey":"sk-ant-api03-钥匙🔑"}'

function faultOf(sealer: Sealer, sealed: string, where = context): SealFault {
  try {
    sealer.open(sealed, where)
  }
  catch (error) {
    expect(error).toBeInstanceOf(SealError)
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('sk-ant')
    expect((error as SealError).cause).toBeUndefined()
    return (error as SealError).fault
  }
  throw new Error('it opened')
}

/** Changes one character of one of the four parts to another of the alphabet. */
function flip(sealed: string, part: number, at = 0): string {
  const parts = sealed.split('.')
  const text = parts[part] ?? ''
  parts[part] = text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
  return parts.join('.')
}

describe('seal', () => {
  const sealer = createSealer({ current: newSecret })

  it.each([plain, '', 'x', '\u0000\n"', 'a'.repeat(100_000)])('opens what it sealed (case %#)', (text) => {
    expect(sealer.open(sealer.seal(text, context), context)).toBe(text)
  })

  it('carries version and key id, and never the same text twice', () => {
    const sealed = sealer.seal(plain, context)
    expect(sealed.startsWith(`v1.${sealer.keyId}.`)).toBe(true)
    expect(sealer.keyId).toMatch(/^[0-9a-f]{8}$/)
    expect(new Set(Array.from({ length: 100 }, () => sealer.seal(plain, context))).size).toBe(100)
  })

  it('refuses a value moved to another row or field', () => {
    const sealed = sealer.seal(plain, context)
    expect(faultOf(sealer, sealed, 'account:0194:credentials')).toBe('not_authentic')
    expect(faultOf(sealer, sealed, 'account:0193:proxyUrl')).toBe('not_authentic')
    expect(faultOf(sealer, sealed, '')).toBe('not_authentic')
  })

  it('refuses a wrong key and names its id only', () => {
    const sealed = createSealer({ current: oldSecret }).seal(plain, context)
    expect(faultOf(sealer, sealed)).toBe('unknown_key')
  })

  it('refuses a foreign value that carries the right key id', () => {
    const [version, , ...rest] = createSealer({ current: oldSecret }).seal(plain, context).split('.')
    expect(faultOf(sealer, [version, sealer.keyId, ...rest].join('.'))).toBe('not_authentic')
  })

  it('refuses every single changed character of nonce, text and tag', () => {
    const sealed = sealer.seal('short', context)
    const [, , iv = '', body = ''] = sealed.split('.')
    for (let at = 0; at < iv.length; at++) expect(faultOf(sealer, flip(sealed, 2, at))).toBe('not_authentic')
    for (let at = 0; at < body.length; at++) expect(faultOf(sealer, flip(sealed, 3, at))).toBe('not_authentic')
  })

  it.each(['', 'plain text', 'v1', 'v1.00000000', 'v2.00000000.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', 'v1.xyz.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'])('calls %j malformed', (text) => {
    expect(faultOf(sealer, text)).toBe('malformed')
  })

  it('refuses a value cut short', () => {
    const sealed = sealer.seal(plain, context)
    expect(faultOf(sealer, sealed.slice(0, -4))).toBe('not_authentic')
    expect(faultOf(sealer, sealed.split('.').slice(0, 3).join('.'))).toBe('malformed')
  })

  it('opens values of the previous key, seals with the current one and tells them apart', () => {
    const before = createSealer({ current: oldSecret }).seal(plain, context)
    const both = createSealer({ current: newSecret, previous: oldSecret })
    expect(both.open(before, context)).toBe(plain)
    expect(both.isCurrent(before)).toBe(false)
    const after = both.seal(both.open(before, context), context)
    expect(both.isCurrent(after)).toBe(true)
    expect(sealer.open(after, context)).toBe(plain)
  })

  it('works when the previous key is the current one', () => {
    const same = createSealer({ current: newSecret, previous: newSecret })
    expect(same.isCurrent(same.seal(plain, context))).toBe(true)
    expect(same.open(sealer.seal(plain, context), context)).toBe(plain)
  })
})
