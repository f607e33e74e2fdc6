import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Database from 'libsql'
import { join } from 'node:path'
import type { RelayUsage } from '#shared/schemas/relay-usage'
import type { KeyWithSecret } from '#shared/types/api'
import type { KeyLookView, ShareWithToken } from '#shared/types/key-query'
import type { ApiClient } from '../helpers/api'
import { send, type Received } from '../helpers/http'
import { smallBody } from '../helpers/relay'
import { startServer, type TestServer } from '../helpers/server'
import { startUpstream, type Upstream } from '../helpers/upstream'

let server: TestServer
let upstream: Upstream
let api: ApiClient
let key: KeyWithSecret

beforeAll(async () => {
  upstream = await startUpstream()
  // Requests name the address they come from, so that each test has tries of its own.
  server = await startServer({ TRUSTED_PROXIES: 'loopback', LOG_LEVEL: 'trace' })
  api = await server.login()
  await api.addAccount({ baseUrl: upstream.url, name: 'hidden-account' })
  key = await api.addKey({ name: 'laptop', limits: { dailyUsd: 1 } })
  const answer = await send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key.key }, body: smallBody({ stream: false }) })
  await api.waitForLog(String(answer.headers['x-relay-request-id']))
})
afterAll(async () => {
  await server?.remove()
  await upstream?.close()
})

const page = (query = '', { ip = '192.0.2.1', cookie = '', method = 'GET', body = undefined as string | undefined, path = '/stats/api-key', more = {} as Record<string, string> } = {}): Promise<Received> => send({
  url: `${server.url}${path}${query}`, method, body,
  headers: { 'x-forwarded-for': ip, 'accept': 'text/html', ...cookie ? { cookie } : {}, ...body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }, ...more },
})
const cookieOf = ({ headers }: Received): string => headers['set-cookie']![0]!.split(';')[0]!
const form = (values: Record<string, string>, given: Parameters<typeof page>[1] = {}) => page('', { method: 'POST', body: new URLSearchParams(values).toString(), ...given })

describe('a key in the address', () => {
  test.each(['/stats/api-key', '/stats/api-key/', '/Stats/API-Key', '/stats/api%2dkey', '//stats/api-key'])('is taken out of %s at once', async (path) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await page(`?x=1&api_key=${key.key}`, { path, method })
      expect(answer.status).toBe(303)
      expect(answer.headers).toMatchObject({ 'location': '/stats/api-key', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
      expect(JSON.stringify(answer.rawHeaders) + answer.text).not.toContain(key.key)
    }
  })

  test('leaves a sealed cookie for this page, ten minutes, out of reach of scripts', async () => {
    const cookies = (await page(`?api_key=${key.key}`)).headers['set-cookie']!
    expect(cookies.map(cookie => /Path=([^;]+)/.exec(cookie)![1])).toEqual(['/stats/api-key', '/api/public/key-stats'])
    for (const cookie of cookies) {
      expect(cookie).toContain('Max-Age=600')
      expect(cookie).toContain('HttpOnly')
      expect(cookie).toContain('SameSite=Lax')
      expect(cookie).not.toContain('Secure')
    }
    const overTls = (await page(`?api_key=${key.key}`, { more: { 'x-forwarded-proto': 'https' } })).headers['set-cookie']!
    for (const cookie of overTls) expect(cookie).toContain('Secure')
  })

  test('is in no log line, no row of any table, no header, no page and no later address', async () => {
    const secret = await api.addKey({ name: 'a well kept secret' })
    const { token } = await api.ok<ShareWithToken>('POST', `/api/keys/${secret.id}/shares`, { name: 'n', scope: 'calls' })
    const wrong = 'sk-a-wrong-key-that-nobody-knows-1234'
    const answers: Received[] = []
    for (const [name, value] of [['api_key', secret.key], ['share', token], ['api_key', wrong], ['share', 'share_a-wrong-token-0123456789']] as const) {
      for (const method of ['GET', 'POST'] as const) {
        const first = method === 'GET' ? await page(`?${name}=${value}`) : await form({ [name]: value })
        expect(first.status).toBe(303)
        const second = await page('', { cookie: cookieOf(first) })
        expect(second.status).toBe(200)
        answers.push(first, second, await page('', { path: '/api/public/key-stats', cookie: cookieOf(first) }))
      }
    }
    const usage = await send({ url: `${server.relay}/v1/relay/usage`, method: 'GET', headers: { authorization: `Bearer ${secret.key}` } })
    for (const body of [{ key: secret.key }, { shareToken: token }, { key: wrong }]) await api.call('POST', '/api/public/key-stats', body, { 'x-forwarded-for': '192.0.2.4' })
    const seen = [...answers, usage].map(({ rawHeaders, text }) => JSON.stringify(rawHeaders) + text).join('\n')
    await server.stop()
    const everything: string = seen + server.logs() + databaseText(server.dataDir)
    await server.restart()
    expect(everything).toContain('a well kept secret')
    for (const value of [secret.key, token, wrong]) for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64').slice(0, -4)]) expect(everything).not.toContain(form)
  })
})

/** Every column of every table. */
function databaseText(dataDir: string): string {
  const database = new Database(join(dataDir, 'relay.db'), { readonly: true })
  try {
    const tables = database.prepare('select name from sqlite_master where type = \'table\'').all() as { name: string }[]
    expect(tables.map(({ name }) => name)).toContain('api_logs')
    return JSON.stringify(tables.map(({ name }) => database.prepare(`select * from "${name}"`).all()))
  }
  finally {
    database.close()
  }
}

describe('without scripts', () => {
  test('the form leads to the page with what the key used', async () => {
    const empty = await page()
    expect(empty.status).toBe(200)
    expect(empty.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    expect(empty.text).toMatch(/<form[^>]+method="post"[^>]+action="\/stats\/api-key"|<form[^>]+action="\/stats\/api-key"[^>]+method="post"/)
    const shown = await page('', { cookie: cookieOf(await form({ api_key: `  ${key.key} ` })) })
    expect(shown.text).toContain('laptop')
    expect(shown.text).toContain('claude-')
    for (const secret of [key.key, 'hidden-account', 'relay-key-query']) expect(shown.text).not.toContain(secret)
  })

  test('a wrong key is told at the field, and forgetting clears the cookie', async () => {
    const wrong = await page('', { cookie: cookieOf(await form({ api_key: 'sk-wrong-key-0123456789' })), ip: '192.0.2.2' })
    expect(wrong.text).toMatch(/aria-invalid="true"/)
    const forgotten = await form({ forget: '1' }, { cookie: cookieOf(await form({ api_key: key.key })) })
    expect(forgotten.status).toBe(303)
    expect(forgotten.headers['set-cookie']!.every(cookie => cookie.includes('Max-Age=0'))).toBe(true)
  })

  test('a form of megabytes is not read', async () => {
    const answer = await form({ api_key: 'x'.repeat(100_000) })
    expect(answer.status).toBe(303)
  })
})

test('10,000 guesses from one address are throttled; somebody behind another one is not', async () => {
  const ip = '198.51.100.7'
  const statuses = new Map<number, number>()
  const body = (at: number) => JSON.stringify({ key: `sk-guess-${at}-abcdefghijk` })
  const guess = async (at: number) => {
    const { status, headers } = await send({ url: `${server.url}/api/public/key-stats`, headers: { 'content-type': 'application/json', 'x-forwarded-for': ip }, body: body(at) })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  }
  for (let at = 0; at < 10_000; at += 20) await Promise.all(Array.from({ length: 20 }, (_, more) => guess(at + more)))
  // Twice as many when a new window begins meanwhile.
  expect([20, 40]).toContain(statuses.get(400))
  expect((statuses.get(400) ?? 0) + (statuses.get(429) ?? 0)).toBe(10_000)
  const told = await page('', { ip, cookie: cookieOf(await form({ api_key: key.key }, { ip })) })
  expect(told.status).toBe(200)
  expect(told.text).not.toContain('laptop')
  expect((await page('', { cookie: cookieOf(await form({ api_key: key.key }, { ip: '203.0.113.5' })) })).text).toContain('laptop')
})

describe('a link', () => {
  test('opens what its scope says, until it is revoked', async () => {
    const { id, token } = await api.ok<ShareWithToken>('POST', `/api/keys/${key.id}/shares`, { name: 'for the team', scope: 'stats' })
    const first = await page(`?share=${token}`)
    expect(first).toMatchObject({ status: 303, headers: { location: '/stats/api-key' } })
    const cookie = cookieOf(first)
    const look = () => api.call<KeyLookView>('GET', '/api/public/key-stats', undefined, { cookie })
    expect((await look()).body.view).toMatchObject({ scope: 'stats', share: { name: 'for the team' }, calls: null, stats: { today: { requests: 1 } } })
    await api.ok('DELETE', `/api/keys/${key.id}/shares/${id}`)
    expect(await look()).toMatchObject({ status: 200, body: { view: null } })
  })
})

describe('GET /claude-code/v1/relay/usage', () => {
  const ask = (headers: Record<string, string>) => send({ url: `${server.relay}/v1/relay/usage`, method: 'GET', headers })

  test('tells a key its use by either header', async () => {
    for (const headers of [{ authorization: `Bearer ${key.key}` }, { 'x-api-key': key.key }] as Record<string, string>[]) {
      const answer = await ask(headers)
      expect(answer.status).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      const usage = answer.json<RelayUsage>()
      expect(usage).toMatchObject({ type: 'key_usage', currency: 'USD', time_zone: 'Asia/Shanghai', key: { name: 'laptop', status: 'active' }, limits: [{ which: 'daily', cap: '1' }], usage: { today: { requests: 1 }, month: { requests: 1 } } })
      expect(usage.limits[0]!.used).toBe(usage.usage.today.cost)
    }
  })

  test('tells a disabled key why it is refused, and a wrong one that it is wrong', async () => {
    const other = await api.addKey({ enabled: false })
    expect((await ask({ 'x-api-key': other.key })).json()).toMatchObject({ key: { status: 'disabled' }, limits: [] })
    const wrong = await ask({ 'x-api-key': 'sk-wrong-key-0123456789', 'x-forwarded-for': '192.0.2.3' })
    expect(wrong.status).toBe(401)
    expect(wrong.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error', details: { error_code: 'key_invalid' } } })
    expect((await ask({})).json()).toMatchObject({ error: { details: { error_code: 'key_missing' } } })
  })
})
