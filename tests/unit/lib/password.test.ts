import { scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword, needsRehash, verifyPassword } from '#server/lib/password'

/** A hash as another version of the program would have written it. */
function storedWith(password: string, ln: number, r: number, p: number): string {
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync(password, salt, 32, { N: 2 ** ln, r, p })
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(salt)}$${text(hash)}`
}

describe('password', () => {
  it('verifies its own hash, refuses others, and salts', async () => {
    const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
    expect(first).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(first).not.toBe(second)
    expect(await verifyPassword('correct horse', first)).toBe(true)
    expect(await verifyPassword('correct horse', second)).toBe(true)
    expect(await verifyPassword('Correct horse', first)).toBe(false)
    expect(await verifyPassword('correct horse ', first)).toBe(false)
    expect(await verifyPassword('', first)).toBe(false)
  })

  it('takes the same password from keyboards that encode it differently', async () => {
    const stored = await hashPassword('caf\u00E9 \uFF11\u{1F511}')
    expect(await verifyPassword('cafe\u0301 1\u{1F511}', stored)).toBe(true)
  })

  it('verifies hashes of other costs and asks to renew them', async () => {
    const old = storedWith('secret', 10, 8, 1)
    expect(await verifyPassword('secret', old)).toBe(true)
    expect(await verifyPassword('other', old)).toBe(false)
    expect(needsRehash(old)).toBe(true)
    expect(needsRehash(await hashPassword('secret'))).toBe(false)
    expect(needsRehash('')).toBe(true)
  })

  it.each([
    null,
    undefined,
    '',
    'plain text',
    '$2b$10$abcdefghijklmnopqrstuuEoZsQTZ1mG0a9Cz3Cz3Cz3Cz3Cz3Cz3',
    '$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$',
    `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$scrypt$ln=15,r=99,p=99$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$scrypt$ln=0,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  ])('is false, neither thrown nor costlier, for no user or a damaged hash (%j)', async (stored) => {
    expect(await verifyPassword('secret', stored)).toBe(false)
  })

  it('answers many sign-ins at once', async () => {
    const stored = storedWith('secret', 8, 8, 1)
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => verifyPassword(i % 2 ? 'secret' : 'other', stored)))
    expect(answers).toEqual(Array.from({ length: 30 }, (_, i) => i % 2 === 1))
  })
})
