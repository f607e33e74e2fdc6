import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError, MeView } from '#shared/types/api'
import { createApiClient } from '../helpers/api'
import { startServer, type TestServer } from '../helpers/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ TRUSTED_PROXIES: '127.0.0.1', PUBLIC_URL: 'https://relay.example.com' })
})
afterAll(() => server?.remove())

const code = (body: ApiError) => body.error.code
const signIn = (headers: Record<string, string> = {}, body: unknown = server.admin) => fetch(`${server.url}/api/auth/login`, {
  method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body),
})

describe('the cookie', () => {
  test('works over plain http and says Secure behind TLS only', async () => {
    const plain = (await signIn()).headers.get('set-cookie')
    expect(plain).toMatch(/^relay-session=[^;]+;.*HttpOnly/)
    expect(plain).toContain('SameSite=Lax')
    expect(plain).not.toContain('Secure')
    expect((await signIn({ 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toContain('Secure')
  })

  test('of an untrusted peer does not follow its forwarding headers', async () => {
    await server.stop()
    await server.restart({ TRUSTED_PROXIES: '' })
    expect((await signIn({ 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).not.toContain('Secure')
    await server.stop()
    await server.restart({ TRUSTED_PROXIES: '127.0.0.1' })
  })

  test('holds no user data and outlives a restart', async () => {
    const api = await server.login()
    await server.stop()
    await server.restart()
    expect((await api.ok<MeView>('GET', '/api/auth/me')).user).toMatchObject({ username: 'admin', role: 'admin', mustChangePassword: false })
  })
})

describe('a session', () => {
  test('that was signed out stays out, even with its old cookie', async () => {
    const cookie = (await signIn()).headers.get('set-cookie')!.split(';')[0]!
    const me = () => fetch(`${server.url}/api/auth/me`, { headers: { cookie } }).then(answer => answer.status)
    expect(await me()).toBe(200)
    const out = await fetch(`${server.url}/api/auth/logout`, { method: 'POST', headers: { cookie } })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toContain('relay-session=;')
    expect(await me()).toBe(401)
  })

  test('ends when the password is changed elsewhere', async () => {
    const [here, there] = [await server.login(), await server.login()]
    const change = (currentPassword: string, newPassword: string) => here.call<ApiError>('POST', '/api/auth/change-password', { currentPassword, newPassword })
    expect((await change('not the one', 'another-password')).body.error).toMatchObject({ code: 'validation', details: [{ path: 'currentPassword', key: 'errors.passwordWrong' }] })
    expect((await change(server.admin.password, 'another-password')).status).toBe(200)
    expect((await there.call('GET', '/api/auth/me')).status).toBe(401)
    expect((await here.call('GET', '/api/auth/me')).status).toBe(200)
    expect((await signIn()).status).toBe(401)
    expect((await change('another-password', server.admin.password)).status).toBe(200)
  })
})

describe('sign-in', () => {
  test('says the same of an unknown user and a wrong password', async () => {
    const answers = await Promise.all([{ username: 'nobody', password: 'x' }, { username: 'admin', password: 'x' }].map(async body => await (await signIn({}, body)).json() as ApiError))
    expect(answers.map(code)).toEqual(['login_failed', 'login_failed'])
    expect(answers[0]!.error.message).toBe(answers[1]!.error.message)
  })

  test('is refused for a while after too many wrong ones from one address', async () => {
    const from = { 'x-forwarded-for': '203.0.113.9' }
    for (let at = 0; at < 10; at++) expect((await signIn(from, { username: 'admin', password: 'x' })).status).toBe(401)
    const refused = await signIn(from)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await signIn({ 'x-forwarded-for': '203.0.113.10' })).status).toBe(200)
  })
})

describe('another site', () => {
  test.each<[Record<string, string>, number]>([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'origin': 'https://relay.example.com' }, 403],
    [{ origin: 'https://relay.example.com.evil.example' }, 403],
    [{ origin: 'http://relay.example.com' }, 403],
    [{ 'origin': 'https://evil.example', 'x-forwarded-host': 'other.example' }, 403],
    [{ origin: 'https://relay.example.com' }, 200],
    [{ 'origin': 'https://relay.example.com', 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'origin': 'https://other.example', 'x-forwarded-host': 'other.example' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
  ])('with %j gets %i', async (headers, status) => {
    const answer = await signIn(headers)
    expect(answer.status).toBe(status)
    if (status === 403) expect(code(await answer.json() as ApiError)).toBe('origin_refused')
  })

  test('the server\'s own address is no other site', async () => {
    expect((await signIn({ origin: server.url })).status).toBe(200)
  })

  test('cannot send a form', async () => {
    expect((await signIn({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await signIn({ 'content-type': 'application/x-www-form-urlencoded' }, 'username=admin')).status).toBe(415)
  })
})

test('a random first password opens three paths until it is changed', async () => {
  const fresh = await startServer({ DEFAULT_ADMIN_PASSWORD: '' })
  try {
    const password = /Password:\s+(\S+)/.exec(fresh.logs())?.[1] ?? ''
    const api = createApiClient(fresh.url)
    await api.login('admin', password)
    expect((await api.ok<MeView>('GET', '/api/auth/me')).user.mustChangePassword).toBe(true)
    for (const path of ['/api/keys', '/api/accounts', '/api/platforms', '/api/no-such-path']) {
      const { status, body } = await api.call<ApiError>('GET', path)
      expect([status, code(body)]).toEqual([403, 'password_change_required'])
    }
    await api.ok('POST', '/api/auth/change-password', { currentPassword: password, newPassword: 'chosen-by-me' })
    expect((await api.ok<MeView>('GET', '/api/auth/me')).user.mustChangePassword).toBe(false)
    await api.ok('GET', '/api/keys')
    await fresh.stop()
    await fresh.restart()
    expect(fresh.logs().match(/Password:/g)).toHaveLength(1)
  }
  finally {
    await fresh.remove()
  }
})
