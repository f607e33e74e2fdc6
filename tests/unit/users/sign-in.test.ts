import { scryptSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Hex } from '#server/lib/hash'
import { SESSION_MS, type Origin } from '#server/users/sessions'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

const password = 'correct horse battery'
const origin = { ip: '192.0.2.7', userAgent: 'test' }
/** A stored hash of the lowest cost, so that many guesses are quick. */
const passwordHash = `$scrypt$ln=1,r=1,p=1$${unpadded(Buffer.alloc(16))}$${unpadded(scryptSync(password, Buffer.alloc(16), 32, { N: 2, r: 1, p: 1 }))}`
let domain: Domain
let user: Actor
let made = 0

beforeAll(async () => {
  domain = await openDomain()
})
afterAll(() => domain.close())
beforeEach(async () => {
  user = await domain.addUser({ username: `Ann${++made}`, passwordHash })
  domain.time.now += 3_600_000
})

const signIn = (name = user.username, given = password, from: Origin = origin) => domain.services.users.signIn({ username: name, password: given }, from)
const find = (token: string) => domain.services.sessions.find(token)

describe('signing in', () => {
  test('takes the user name in any case and the e-mail address', async () => {
    await domain.repos.users.update(user.id, { email: `${user.username}@example.com`, emailKey: `${user.username}@example.com`.toLowerCase() })
    for (const name of [user.username, user.username.toUpperCase(), `${user.username}@EXAMPLE.com`]) {
      expect((await signIn(name)).user.id).toBe(user.id)
    }
  })

  test('says the same of an unknown name as of a wrong password', async () => {
    const failures = await Promise.all([signIn('nobody'), signIn(user.username, 'wrong')].map(call => call.catch((error: Error) => error)))
    expect(failures[0]).toMatchObject({ code: 'login_failed' })
    expect((failures[1] as Error).message).toBe((failures[0] as Error).message)
  })

  test('tells a disabled user so only when the password is right', async () => {
    await domain.repos.users.update(user.id, { enabled: false })
    await expect(signIn()).rejects.toMatchObject({ code: 'user_disabled' })
    await expect(signIn(user.username, 'wrong')).rejects.toMatchObject({ code: 'login_failed' })
  })

  test('stores the token as a hash only', async () => {
    const { token } = await signIn()
    expect(await domain.repos.sessions.get(sha256Hex(token))).toMatchObject({ userId: user.id, ip: origin.ip })
    expect(await domain.dump()).not.toContain(token)
  })
})

describe('guessing', () => {
  test('ends after ten wrong passwords for a name from one address, also when they come at once', async () => {
    const tries = await Promise.all(Array.from({ length: 14 }, () => signIn(user.username, 'wrong').catch((error: { code: string }) => error.code)))
    expect(tries.filter(code => code === 'login_failed')).toHaveLength(10)
    expect(tries.filter(code => code === 'rate_limited')).toHaveLength(4)
    await expect(signIn()).rejects.toMatchObject({ code: 'rate_limited', options: { retryAfterMs: expect.any(Number) as number } })
  }, 60_000)

  test('does not keep the owner out at another address, and ends with its time', async () => {
    for (let at = 0; at < 10; at++) await signIn(user.username, 'wrong').catch(() => undefined)
    expect((await signIn(user.username, password, { ip: '192.0.2.8', userAgent: null })).user.id).toBe(user.id)
    domain.time.now += 15 * 60_000
    expect((await signIn()).user.id).toBe(user.id)
  }, 60_000)

  test('from one address never keeps the owner out elsewhere, however long it goes on', async () => {
    for (let at = 0; at < 150; at++) await expect(signIn(user.username, 'wrong')).rejects.toBeDefined()
    expect((await signIn(user.username, password, { ip: '192.0.2.8', userAgent: null })).user.id).toBe(user.id)
  }, 60_000)

  test('counts an IPv6 network as one address', async () => {
    const from = (at: number) => ({ ip: `2001:db8::${at}`, userAgent: null })
    for (let at = 1; at <= 10; at++) await signIn(user.username, 'wrong', from(at)).catch(() => undefined)
    await expect(signIn(user.username, password, from(11))).rejects.toMatchObject({ code: 'rate_limited' })
  }, 60_000)

  test('right passwords never add up', async () => {
    for (let at = 0; at < 11; at++) await signIn()
  }, 60_000)
})

describe('a session', () => {
  test('ends at once when it is signed out', async () => {
    const { token } = await signIn()
    await domain.services.users.signOut((await find(token))!)
    expect(await find(token)).toBeNull()
  })

  test('ends when its time is up', async () => {
    const { token } = await signIn()
    domain.time.now += SESSION_MS - 1
    expect(await find(token)).not.toBeNull()
    domain.time.now += 1
    expect(await find(token)).toBeNull()
  })

  test('ends on another instance within seconds', async () => {
    const { token } = await signIn()
    await find(token)
    await domain.repos.sessions.remove(sha256Hex(token))
    domain.time.now += 5_000
    expect(await find(token)).toBeNull()
  })

  test('of a disabled user is none', async () => {
    const { token } = await signIn()
    await find(token)
    await domain.repos.users.update(user.id, { enabled: false })
    await domain.changes.emit('user', user.id)
    expect(await find(token)).toBeNull()
  })

  test('writes its last use once a minute at most', async () => {
    const { token } = await signIn()
    const lastSeen = async () => (await domain.repos.sessions.get(sha256Hex(token)))!.lastSeenAt
    const start = domain.time.now
    domain.time.now += 59_000
    await find(token)
    expect(await lastSeen()).toBe(start)
    domain.time.now += 1_000
    await find(token)
    expect(await lastSeen()).toBe(start + 60_000)
  })

  test('is not found by the hash that the database holds', async () => {
    const { token } = await signIn()
    expect(await find(sha256Hex(token))).toBeNull()
  })
})

describe('changing the password', () => {
  const change = async (token: string, currentPassword: string, newPassword: string) => domain.services.users.changePassword((await find(token))!, { currentPassword, newPassword }, origin)

  test('ends all sessions, so that a copied cookie is worth nothing, begins another and clears the demand for a change', async () => {
    await domain.repos.users.update(user.id, { mustChangePassword: true })
    const [here, there] = [await signIn(), await signIn()]
    await find(there.token)
    const changed = await change(here.token, password, 'a brand new one')
    expect(changed.user.mustChangePassword).toBe(false)
    for (const { token } of [here, there]) expect(await find(token)).toBeNull()
    expect((await find(changed.token))?.user.mustChangePassword).toBe(false)
    await expect(signIn()).rejects.toMatchObject({ code: 'login_failed' })
    expect((await signIn(user.username, 'a brand new one')).user.id).toBe(user.id)
  })

  test('needs the current one', async () => {
    const { token } = await signIn()
    await expect(change(token, 'wrong', 'a brand new one')).rejects.toMatchObject({ code: 'validation', options: { details: [{ path: 'currentPassword', key: 'errors.passwordWrong' }] } })
    expect((await signIn()).user.id).toBe(user.id)
  })

  test('leaves an audit line without either password', async () => {
    const { token } = await signIn()
    await change(token, password, 'a brand new one')
    const rows = await domain.audit()
    expect(rows.at(-1)).toMatchObject({ action: 'user.change-password', userId: user.id })
    const dump = await domain.dump()
    expect(dump).not.toContain(password)
    expect(dump).not.toContain('a brand new one')
  })
})

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
