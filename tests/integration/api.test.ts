import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccountTestView, AccountView, ApiError, GroupView, KeyView, KeyWithSecret, ListOf, LogView, PlatformView } from '#shared/types/api'
import type { PublicSettings } from '#shared/types/settings'
import type { ApiClient } from '../helpers/api'
import { startServer, type TestServer } from '../helpers/server'
import { startUpstream, type Upstream } from '../helpers/upstream'

const secret = 'upstream-secret-of-the-test'
let server: TestServer
let api: ApiClient
let upstream: Upstream
/** Everything the API answered in this file. */
const answers: string[] = []

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer()
  const client = await server.login()
  api = {
    ...client,
    async call<T>(method: string, path: string, body?: unknown) {
      const answer = await client.call<T>(method, path, body)
      answers.push(JSON.stringify(answer.body))
      return answer
    },
  }
})
afterAll(async () => {
  await server?.remove()
  await upstream?.close()
})
beforeEach(() => upstream.reset())

const account = (given: Record<string, unknown> = {}) => ({ name: 'an account', platform: 'claude_console', baseUrl: upstream.url, credentials: { apiKey: secret }, ...given })
async function expectError(method: string, path: string, body: unknown, status: number, error: Record<string, unknown>): Promise<void> {
  const answer = await api.call<ApiError>(method, path, body)
  expect(answer.body.error).toMatchObject({ ...error, requestId: expect.stringMatching(/^req_/) as string })
  expect(answer.status).toBe(status)
}

async function roundTrip<T extends { id: string }>(path: string, body: object, change: object, expected: object): Promise<T> {
  const made = await api.call<T>('POST', path, body)
  expect(made.status).toBe(201)
  const { id } = made.body
  const one = `${path}/${id}`
  expect((await api.call<T>('GET', one)).body).toMatchObject({ id })
  expect((await api.call<ListOf<T>>('GET', path)).body.items.map(item => item.id)).toContain(id)
  expect((await api.call<T>('PATCH', one, change)).body).toMatchObject({ id, ...expected })
  expect((await api.call<T>('PATCH', one, {})).body).toMatchObject(expected)
  const gone = await api.call('DELETE', one)
  expect([gone.status, gone.body]).toEqual([204, null])
  for (const method of ['GET', 'PATCH', 'DELETE']) expect((await api.call(method, one, method === 'PATCH' ? {} : undefined)).status).toBe(404)
  expect((await api.call<ListOf<T>>('GET', path)).body.items.map(item => item.id)).not.toContain(id)
  return made.body
}

describe('round trips', () => {
  test('groups', async () => {
    const made = await roundTrip<GroupView>('/api/groups', { name: 'a group', remark: 'r' }, { name: 'renamed', remark: null, enabled: false }, { name: 'renamed', remark: null, enabled: false })
    expect(made).toMatchObject({ enabled: true, accountCount: 0, keyCount: 0, ownerName: 'admin' })
  })

  test('accounts', async () => {
    const made = await roundTrip<AccountView>('/api/accounts', account(), { name: 'renamed', priority: 7, models: ['claude-*'], modelMap: { a: 'b' } }, { name: 'renamed', priority: 7, models: ['claude-*'], modelMap: { a: 'b' } })
    expect(made).toMatchObject({ credentialsHint: 'test', priority: 100, weight: 100, maxConcurrency: 0, groupId: null, state: { name: 'normal', until: null } })
  })

  test('keys', async () => {
    const made = await roundTrip<KeyWithSecret>('/api/keys', { name: 'a key', limits: { dailyUsd: '2.5' } }, { enabled: false, limits: { dailyUsd: null, totalUsd: 3 } }, { enabled: false, limits: { dailyUsd: null, totalUsd: '3', totalNano: 3_000_000_000 } })
    expect(made.key).toMatch(/^sk-/)
  })
})

describe('a key', () => {
  test('acts at once: rotated, disabled, deleted', async () => {
    await api.ok('POST', '/api/accounts', account())
    const { id, key } = await api.ok<KeyWithSecret>('POST', '/api/keys', { name: 'live' })
    const relay = (with_: string) => fetch(`${server.relay}/v1/messages`, {
      method: 'POST', headers: { 'x-api-key': with_, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }),
    }).then(async answer => [answer.status, (await answer.text()).length > 0][0])
    expect(await relay(key)).toBe(200)
    const rotated = await api.ok<KeyWithSecret>('POST', `/api/keys/${id}/rotate`, {})
    expect([await relay(key), await relay(rotated.key)]).toEqual([401, 200])
    await api.ok<KeyView>('PATCH', `/api/keys/${id}`, { enabled: false })
    expect(await relay(rotated.key)).toBe(401)
    await api.ok<KeyView>('PATCH', `/api/keys/${id}`, { enabled: true })
    expect(await relay(rotated.key)).toBe(200)
    await api.ok('DELETE', `/api/keys/${id}`)
    expect(await relay(rotated.key)).toBe(401)
  })

  test('is revealed on demand only if it was made so', async () => {
    const open = await api.ok<KeyWithSecret>('POST', '/api/keys', { name: 'open', revealable: true })
    expect(await api.ok('POST', `/api/keys/${open.id}/reveal`)).toEqual({ key: open.key })
    const closed = await api.ok<KeyWithSecret>('POST', '/api/keys', { name: 'closed' })
    await expectError('POST', `/api/keys/${closed.id}/reveal`, undefined, 409, { code: 'not_revealable' })
  })
})

describe('an account', () => {
  test('is tested against its upstream, whose refusal is an answer', async () => {
    const { id } = await api.ok<AccountView>('POST', '/api/accounts', account())
    expect(await api.ok<AccountTestView>('POST', `/api/accounts/${id}/test`, { model: 'claude-opus-4-1' })).toMatchObject({ ok: true, status: 200, model: 'claude-opus-4-1' })
    await upstream.request(-1)
    await api.ok('PATCH', `/api/accounts/${id}`, { baseUrl: 'http://127.0.0.1:1' })
    expect(await api.ok<AccountTestView>('POST', `/api/accounts/${id}/test`)).toMatchObject({ ok: false, status: null })
    await api.ok('DELETE', `/api/accounts/${id}`)
  })

  test('is put back to normal by hand', async () => {
    const { id } = await api.ok<AccountView>('POST', '/api/accounts', account())
    expect((await api.ok<AccountView>('POST', `/api/accounts/${id}/reset-state`)).state).toMatchObject({ name: 'normal', reason: null })
  })
})

describe('refusals', () => {
  test('name every wrong field', async () => {
    await expectError('POST', '/api/accounts', { ...account({ priority: 1.5, baseUrl: 'x' }), colour: 'red' }, 400, {
      code: 'validation',
      details: expect.arrayContaining(['priority', 'baseUrl', 'colour'].map(path => expect.objectContaining({ path }) as object)) as object,
    })
    await expectError('POST', '/api/accounts', account({ platform: 'no_such' }), 400, { code: 'validation' })
    await expectError('GET', '/api/logs?colour=red', undefined, 400, { code: 'validation', details: [{ path: 'colour', key: 'errors.unknownField', message: 'is not a known field' }] })
  })

  test('tell bodies that are no JSON, too long or of another type', async () => {
    const post = async (body: string, type = 'application/json') => {
      const { headers } = await api.call('GET', '/api/auth/me')
      expect(headers.get('content-type')).toContain('application/json')
      return fetch(`${server.url}/api/auth/login`, { method: 'POST', headers: { 'content-type': type }, body }).then(async answer => [answer.status, (await answer.json() as ApiError).error.code])
    }
    expect(await post('{"username":')).toEqual([400, 'body_invalid'])
    expect(await post('"text"')).toEqual([400, 'validation'])
    expect(await post(JSON.stringify({ username: 'x'.repeat(2_000_000) }))).toEqual([413, 'body_too_large'])
    expect(await post('username=a', 'text/plain')).toEqual([415, 'media_type'])
  })

  test.each([['PUT', '/api/keys'], ['DELETE', '/api/auth/login']])('%s %s is no method of this path', async (method, path) => {
    await expectError(method, path, undefined, 405, { code: 'method_not_allowed' })
  })

  test.each([['GET', '/api/no-such-path'], ['GET', '/api'], ['GET', '/api/keys/%00'], ['GET', `/api/keys/${'x'.repeat(300)}`], ['GET', '/api/keys/é']])('%s %s is not found, in the one shape', async (method, path) => {
    await expectError(method, path, undefined, 404, { code: 'not_found' })
  })

  test('a group in use stays', async () => {
    const { id } = await api.ok<GroupView>('POST', '/api/groups', { name: 'used' })
    await api.ok('POST', '/api/keys', { name: 'in it', groupId: id })
    await expectError('DELETE', `/api/groups/${id}`, undefined, 409, { code: 'in_use', details: { accounts: 0, keys: 1 } })
  })
})

test('platforms describe their form, public settings need no session', async () => {
  const { items } = await api.ok<ListOf<PlatformView>>('GET', '/api/platforms')
  expect(items.map(({ id }) => id).sort()).toEqual(['claude', 'claude_console', 'openai'])
  for (const id of ['claude_console', 'openai']) expect(items.find(item => item.id === id)?.form.map(({ name }) => name)).toContain('credentials.apiKey')
  expect(await (await fetch(`${server.url}/api/settings/public`)).json() as PublicSettings).toEqual({ operatorName: null, operatorLogo: null, logoVersion: null, notice: null, publicUrl: null, registration: 'off', mail: false, statusPage: false, demo: null })
})

test('a request is found in the log by its id, in list and detail', async () => {
  const { id, key } = await api.ok<KeyWithSecret>('POST', '/api/keys', { name: 'logged' })
  const answer = await fetch(`${server.relay}/v1/messages`, { method: 'POST', headers: { 'x-api-key': key, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1, messages: [] }) })
  await answer.text()
  const requestId = answer.headers.get('x-relay-request-id') ?? ''
  const row = await api.waitForLog(requestId)
  expect(row).toMatchObject({ requestId, keyId: id, keyName: 'logged', status: 200, outcome: 'ok', usageComplete: true })
  expect(await api.ok<LogView>('GET', `/api/logs/${requestId}`)).toEqual(row)
  expect((await api.listLogs({ keyId: id, model: 'no-such-model' }))).toEqual([])
})

describe('answers', () => {
  test('carry the security headers and are kept by nobody', async () => {
    const { headers } = await api.call('GET', '/api/keys')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain('default-src \'none\'')
    expect(headers.get('x-relay-request-id')).toMatch(/^req_/)
  })

  test('and logs never hold a secret', () => {
    expect(answers.length).toBeGreaterThan(40)
    for (const text of [answers.join('\n'), server.logs()]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(server.admin.password)
      expect(text).not.toMatch(/passwordHash|\$scrypt\$|sealedKey|"v1\.[\da-f]{8}\./)
    }
    expect(server.logs()).not.toMatch(/sk-[\w-]{20}/)
  })

  test('of writes and failures leave one line each', () => {
    const lines = server.logLines().filter(line => line.msg === 'api')
    expect(lines).toContainEqual(expect.objectContaining({ method: 'POST', path: '/api/keys', status: 201 }))
    expect(lines).toContainEqual(expect.objectContaining({ method: 'GET', path: '/api/no-such-path', status: 404, errorCode: 'not_found' }))
    expect(lines.some(line => line.method === 'GET' && line.status === 200)).toBe(false)
    expect(lines.some(line => String(line.path).startsWith('/claude-code'))).toBe(false)
  })
})

describe('pages', () => {
  test('run only scripts of ours: every inline script is allowed by its hash', async () => {
    const page = await fetch(`${server.url}/login`)
    const html = await page.text()
    const policy = page.headers.get('content-security-policy') ?? ''
    const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)(?![^>]*application\/json)[^>]*>/g)]
    expect(inline.length).toBeGreaterThan(0)
    expect(policy.match(/'sha256-/g)).toHaveLength(inline.length)
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    expect(page.headers.get('x-powered-by')).toBeNull()
    expect(page.headers.get('x-frame-options')).toBe('DENY')
  })

  test('that are unknown answer as a page', async () => {
    const page = await fetch(`${server.url}/no-such-page`, { headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([404, expect.stringContaining('text/html')])
  })
})
