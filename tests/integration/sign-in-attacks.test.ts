import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError, MeView } from '#shared/types/api'
import type { CodeSentView, InviteWithCode, UserWithPassword } from '#shared/types/user'
import { createApiClient } from '../helpers/api'
import { bringsCode, codeIn } from '../helpers/mail'
import { startServer, type TestServer } from '../helpers/server'
import { startSmtp, type TestSmtp } from '../helpers/smtp'
import { poll } from '../helpers/until'

// docs/operations.md names these times; whoever is kept out must be let in again after them.
const LOCK_SECONDS = 15 * 60
const password = 'correct horse battery'

let server: TestServer
let smtp: TestSmtp
let made = 0

beforeAll(async () => {
  smtp = await startSmtp()
  server = await startServer({ TRUSTED_PROXIES: '127.0.0.1', SMTP_HOST: smtp.settings.host, SMTP_PORT: String(smtp.settings.port), SMTP_FROM: smtp.settings.from })
})
afterAll(async () => {
  await server?.remove()
  await smtp?.close()
})

interface From { ip: string, cookie?: string, headers?: Record<string, string> }

async function call<T = unknown>(method: string, path: string, { ip, cookie, headers }: From, body?: unknown) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { 'x-forwarded-for': ip, ...cookie ? { cookie } : {}, ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: (text ? JSON.parse(text) : null) as T, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

const home = { ip: '192.0.2.1' }
const login = (username: string, given: string, from: From = home) => call<MeView & ApiError>('POST', '/api/auth/login', from, { username, password: given })
const me = (cookie: string) => call<MeView>('GET', '/api/auth/me', { ...home, cookie }).then(answer => answer.status)
const askCode = (email: string, from: From, purpose = 'sign_in') => call<CodeSentView>('POST', '/api/auth/codes', from, { purpose, email })
const useCode = (codeId: string, code: string, from: From) => call<MeView & ApiError>('POST', '/api/auth/sign-in-by-code', from, { codeId, code })

/** A user with `password`, who has been through the start password. */
async function addUser() {
  const username = `ann${++made}`
  const admin = await server.login()
  const { password: start } = await admin.ok<UserWithPassword>('POST', '/api/admin/users', { username, email: `${username}@example.com` })
  const api = createApiClient(server.url)
  await api.login(username, start)
  await api.ok('POST', '/api/auth/change-password', { currentPassword: start, newPassword: password })
  return { username, email: `${username}@example.com` }
}

async function mailed(address: string, count = 1): Promise<string> {
  const arrived = () => smtp.mails.filter(mail => mail.to.includes(address) && bringsCode(mail))
  return codeIn(await poll(() => Promise.resolve(arrived().length >= count ? arrived().at(-1) : undefined), `${count} mails to ${address}`))
}

function tally(statuses: number[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Some at a time, as a program that guesses would. */
async function many<T>(count: number, one: (at: number) => Promise<T>, at = 20): Promise<T[]> {
  const results: T[] = []
  while (results.length < count) results.push(...await Promise.all(Array.from({ length: Math.min(at, count - results.length) }, (_, i) => one(results.length + i))))
  return results
}

describe('1,000 wrong passwords', () => {
  test('from one address: ten are looked at, and the owner elsewhere never notices', async () => {
    const { username } = await addUser()
    const thief = { ip: '203.0.113.1' }
    const answers = await many(1_000, at => login(username, `wrong ${at}`, thief))
    const looked = answers.filter(answer => answer.status === 401).length
    expect(tally(answers.map(answer => answer.status))).toEqual({ 401: looked, 429: 1_000 - looked })
    // A window may have begun in the middle.
    expect([10, 20]).toContain(looked)
    const waits = answers.filter(answer => answer.status === 429).map(answer => Number(answer.headers.get('retry-after')))
    expect(Math.min(...waits)).toBeGreaterThan(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(LOCK_SECONDS)
    expect((await login(username, password, home)).status).toBe(200)
  }, 120_000)

  test('from twenty addresses: a hundred are looked at, and the owner is kept out for the documented time at most', async () => {
    const { username } = await addUser()
    const answers = await many(1_000, at => login(username, `wrong ${at}`, { ip: `198.51.100.${at % 20}` }))
    expect(answers.every(answer => answer.status === 401 || answer.status === 429)).toBe(true)
    // A window may have begun in the middle.
    expect(tally(answers.map(answer => answer.status))[401]).toBeLessThanOrEqual(200)
    const owner = await login(username, password, { ip: '192.0.2.99' })
    if (owner.status !== 200) expect(Number(owner.headers.get('retry-after'))).toBeLessThanOrEqual(LOCK_SECONDS)
  }, 180_000)
})

describe('1,000 wrong codes', () => {
  test('never get in, and spoil nothing for the owner', async () => {
    const { email, username } = await addUser()
    const thief = { ip: '203.0.113.2' }
    const { body: { codeId } } = await askCode(email, thief)
    const right = await mailed(email)
    const guess = (at: number) => String((Number(right) + 1 + at) % 100_000_000).padStart(8, '0')
    const answers = await many(1_000, at => useCode(codeId, guess(at), thief))
    expect(answers.every(answer => answer.status === 400 || answer.status === 429)).toBe(true)
    expect((await useCode(codeId, right, home)).status).toBe(400)
    const own = await askCode(email, home)
    const signedIn = await useCode(own.body.codeId, await mailed(email, 2), home)
    expect(signedIn.body.user.username).toBe(username)
  }, 60_000)

  test('spread over many addresses do no better: five tries a code, three codes a place', async () => {
    const { email } = await addUser()
    const asked = await many(40, at => askCode(email, { ip: `198.51.100.${100 + at}` }))
    expect(asked.filter(answer => answer.status === 202).length).toBeLessThanOrEqual(20)
    expect(Number(asked.at(-1)!.headers.get('retry-after'))).toBeLessThanOrEqual(60 * 60)
  })
})

describe('a code', () => {
  test('works once', async () => {
    const { email } = await addUser()
    const { body: { codeId } } = await askCode(email, home)
    const code = await mailed(email)
    expect((await useCode(codeId, code, home)).status).toBe(200)
    expect((await useCode(codeId, code, home)).status).toBe(400)
  })

  test('is answered alike for an address that is nobody\'s', async () => {
    const { email } = await addUser()
    const answers = [await askCode(email, home), await askCode('nobody@example.com', home)]
    expect(answers.map(({ status, body }) => [status, Object.keys(body), body.codeId.length])).toEqual([[202, ['codeId', 'expiresAt'], 40], [202, ['codeId', 'expiresAt'], 40]])
  })

  test('stands in no log', async () => {
    const { email } = await addUser()
    await askCode(email, home)
    const code = await mailed(email)
    expect(server.logs()).not.toContain(code)
    expect(server.logs()).not.toContain(password)
  })
})

describe('a session', () => {
  test('that somebody planted is not the one that signs in', async () => {
    const thief = await addUser()
    const planted = (await login(thief.username, password)).cookie
    const victim = await addUser()
    const signedIn = await login(victim.username, password, { ...home, cookie: planted })
    expect(signedIn.cookie).not.toBe(planted)
    expect(signedIn.body.user.username).toBe(victim.username)
    expect(await me(planted)).toBe(401)
    expect((await call<MeView>('GET', '/api/auth/me', { ...home, cookie: signedIn.cookie })).body.user.username).toBe(victim.username)
  })

  test('is new at each sign-in, by password and by code', async () => {
    const { username, email } = await addUser()
    const { body: { codeId } } = await askCode(email, home)
    const cookies = [(await login(username, password)).cookie, (await login(username, password)).cookie, (await useCode(codeId, await mailed(email), home)).cookie]
    expect(new Set(cookies).size).toBe(3)
  })

  test('whose cookie was stolen ends with the password, the thief\'s copy of the changer\'s own too', async () => {
    const { username } = await addUser()
    const own = (await login(username, password)).cookie
    const other = (await login(username, password)).cookie
    expect([await me(own), await me(other)]).toEqual([200, 200])
    const changed = await call('POST', '/api/auth/change-password', { ...home, cookie: own }, { currentPassword: password, newPassword: 'another long one' })
    expect(changed.status).toBe(200)
    expect([await me(own), await me(other), await me(changed.cookie)]).toEqual([401, 401, 200])
  })

  test('ends with a password that was reset by mail', async () => {
    const { username, email } = await addUser()
    const { cookie } = await login(username, password)
    const { body: { codeId } } = await askCode(email, home, 'reset_password')
    expect((await call('POST', '/api/auth/reset-password', home, { codeId, code: await mailed(email), newPassword: 'another long one' })).status).toBe(204)
    expect(await me(cookie)).toBe(401)
    expect((await login(username, password)).status).toBe(401)
    expect((await login(username, 'another long one')).status).toBe(200)
  })

  test('everywhere ends when its owner says so', async () => {
    const { username } = await addUser()
    const [own, other] = [(await login(username, password)).cookie, (await login(username, password)).cookie]
    expect((await call('DELETE', '/api/sessions', { ...home, cookie: own })).status).toBe(204)
    expect([await me(own), await me(other)]).toEqual([401, 401])
  })
})

describe('another site\'s page', () => {
  test.each(['/api/auth/login', '/api/auth/codes', '/api/auth/sign-in-by-code', '/api/auth/register', '/api/auth/reset-password', '/api/auth/change-password', '/api/profile/email', '/api/admin/users'])('cannot post to %s', async (path) => {
    const { cookie } = await login(server.admin.username, server.admin.password)
    const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]
    for (const headers of foreign) {
      const answer = await call<ApiError>('POST', path, { ...home, cookie, headers }, {})
      expect([answer.status, answer.body.error.code]).toEqual([403, 'origin_refused'])
      expect(answer.cookie).toBe('')
    }
  })
})

test('an invitation is used once, by whoever was first', async () => {
  const admin = await server.login()
  await admin.ok('PATCH', '/api/admin/settings', { registration: { mode: 'invite' } })
  const { code } = await admin.ok<InviteWithCode>('POST', '/api/admin/invites', {})
  const tries = await Promise.all(['x1', 'x2', 'x3'].map(username => call<ApiError>('POST', '/api/auth/register', home, { username, password, invite: code })))
  expect(tries.map(answer => answer.status).sort()).toEqual([201, 404, 404])
  expect(server.logs()).not.toContain(code)
})
