import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { error } from '#server/openapi/views/common'
import { routeGroups } from '#server/openapi/routes/index'
import type { RouteDoc } from '#server/openapi/route'
import { relayUsageSchema } from '#shared/schemas/relay-usage'
import type { AccountView, GroupView, KeyWithSecret, MeView } from '#shared/types/api'
import type { ShareWithToken } from '#shared/types/key-query'
import type { ChannelView } from '#shared/types/notification'
import type { ApiClient } from '../helpers/api'
import { callOf } from '../helpers/api-routes'
import { send } from '../helpers/http'
import { smallBody } from '../helpers/relay'
import { startServer, type TestServer } from '../helpers/server'
import { startUpstream, type Upstream } from '../helpers/upstream'

/** What the OpenAPI document says of answers is what the server answers: field by field, and nothing else. */

const docs = Object.fromEntries(routeGroups.flatMap(({ routes }) => Object.entries(routes)))

let server: TestServer
let upstream: Upstream
let api: ApiClient
const ids: Record<string, string> = {}
/** Of somebody who entered the key on the key query page. */
let visitor = ''

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer()
  api = await server.login()
  const group = await api.ok<GroupView>('POST', '/api/groups', { name: 'g', remark: 'r' })
  const account = await api.addAccount({ baseUrl: upstream.url, groupId: group.id, dailyLimitUsd: 5, modelMap: { a: 'b' } })
  const key = await api.addKey({ groupId: group.id, limits: { dailyUsd: 1, concurrency: 2 } })
  const channel = await api.ok<ChannelView>('POST', '/api/notification-channels', { name: 'c', kind: 'webhook', config: { url: `${upstream.url}/hook` }, events: ['limit_near'] })
  await api.ok('POST', '/api/admin/prices', { model: 'made-up', input: 1, output: 2, fast: { input: 2, output: 4 }, longPrompt: { above: 200_000, input: 3, output: 6 } })
  const answer = await send({ url: `${server.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key.key }, body: smallBody({ stream: false }) })
  const row = await api.waitForLog(String(answer.headers['x-relay-request-id']))
  await api.ok('PATCH', '/api/admin/settings', { statusPage: { shown: true } })
  visitor = (await send({ url: `${server.url}/stats/api-key?api_key=${key.key}`, method: 'GET' })).headers['set-cookie']![0]!.split(';')[0]!
  await api.ok('PATCH', `/api/accounts/${account.id}`, { enabled: false })
  await api.ok('PATCH', `/api/accounts/${account.id}`, { enabled: true })
  Object.assign(ids, { 'groups': group.id, 'accounts': account.id, 'keys': key.id, 'notification-channels': channel.id, 'logs': row.requestId, 'users': (await api.ok<MeView>('GET', '/api/auth/me')).user.id })
})
afterAll(async () => {
  await server?.remove()
  await upstream?.close()
})

const queries: Record<string, string> = { 'GET /api/admin/prices/history': '?model=made-up', 'GET /api/admin/prices/version': '?version=none' }

function schemaOf({ answer }: RouteDoc): z.ZodType | null {
  if (answer === null || typeof answer === 'string') return null
  return 'listOf' in answer ? z.strictObject({ items: z.array(answer.listOf), nextCursor: z.string().nullable() }) : answer
}

function fits(doc: RouteDoc | undefined, body: unknown): void {
  const parsed = schemaOf(doc!)!.safeParse(body)
  expect(parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []).toEqual([])
}

describe('each answer to a question has the described shape', () => {
  test.each(Object.entries(docs).filter(([route, doc]) => route.startsWith('GET ') && typeof doc.answer !== 'string'))('%s', async (route, doc) => {
    const { path } = callOf(route, ids)
    const answer = await api.call('GET', path + (queries[route] ?? ''), undefined, route === 'GET /api/public/key-stats' ? { cookie: visitor } : {})
    expect(answer.status).toBe(200)
    fits(doc, answer.body)
  })

  test('the lists are not empty, so that their rows were looked at', async () => {
    for (const path of ['groups', 'accounts', 'keys', 'logs', 'notification-channels', 'admin/prices', 'admin/audit', 'platforms', 'limits']) {
      expect((await api.ok<{ items: unknown[] }>('GET', `/api/${path}`)).items.length, path).toBeGreaterThan(0)
    }
  })
})

describe('each answer to a write has the described shape and status', () => {
  test.each<[string, unknown, string?]>([
    ['POST /api/groups', { name: 'n' }], ['PATCH /api/groups/:id', { remark: null }],
    ['POST /api/keys', { name: 'n' }], ['PATCH /api/keys/:id', { name: 'n' }], ['POST /api/keys/:id/rotate', { revealable: true }], ['POST /api/keys/:id/reveal', undefined], ['POST /api/keys/:id/shares', { name: 'n', scope: 'stats' }],
    ['PATCH /api/accounts/:id', { weight: 3 }], ['POST /api/accounts/:id/reset-state', undefined], ['POST /api/accounts/:id/test', {}], ['POST /api/accounts/oauth/start', {}],
    ['PATCH /api/notification-channels/:id', { name: 'n' }], ['POST /api/notification-channels/:id/test', undefined],
    ['POST /api/admin/prices', { model: 'other', input: 1, output: 1 }], ['POST /api/admin/prices/import', { source: 's', prices: [{ model: 'third', input: 1, output: 1 }] }],
    ['POST /api/admin/prices/preview/file', { 'a-model': { mode: 'chat', litellm_provider: 'x', input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 } }],
    ['PATCH /api/admin/settings', { scheduling: { soonestResetFirst: false } }], ['POST /api/admin/users', { username: 'someone' }], ['POST /api/admin/invites', {}], ['PATCH /api/profile', { locale: 'en' }], ['POST /api/auth/login', { username: 'admin', password: 'a-test-password' }],
  ])('%s', async (route, body) => {
    const { method, path } = callOf(route, ids)
    const answer = await api.call(method, path, body)
    expect(answer.status).toBe(docs[route]!.status ?? 200)
    fits(docs[route], answer.body)
  })

  test('so has what a key and a link show without a session', async () => {
    const { id, key } = await api.addKey({ limits: { dailyUsd: 1 } })
    fits(docs['POST /api/public/key-stats'], await api.ok('POST', '/api/public/key-stats', { key }))
    const { token } = await api.ok<ShareWithToken>('POST', `/api/keys/${id}/shares`, { name: 'n', scope: 'limits' })
    fits(docs['POST /api/public/key-stats'], await api.ok('POST', '/api/public/key-stats', { shareToken: token }))
    fits(docs['GET /api/keys/:id/shares'], await api.ok('GET', `/api/keys/${id}/shares`))
    const own = await send({ url: `${server.relay}/v1/relay/usage`, method: 'GET', headers: { 'x-api-key': key } })
    fits({ says: ['', ''], answer: relayUsageSchema }, own.json())
  })

  test('creating an account and changing keys too', async () => {
    fits(docs['POST /api/accounts'], await api.ok<AccountView>('POST', '/api/accounts', { name: 'n', platform: 'claude_console', baseUrl: upstream.url, credentials: { apiKey: 'upstream-secret' } }))
    fits(docs['POST /api/keys/batch'], await api.ok('POST', '/api/keys/batch', { action: 'enable', ids: [(await api.addKey() as KeyWithSecret).id] }))
  })
})

describe('each failure has the described shape', () => {
  test.each([['POST', '/api/keys', { name: '' }, 400], ['GET', '/api/keys/nothing', undefined, 404], ['PUT', '/api/keys', undefined, 405], ['DELETE', '/api/groups/', undefined, 405]] as const)('%s %s', async (method, path, body, status) => {
    const answer = await api.call(method, path, body)
    expect(answer.status).toBe(status)
    expect(error.safeParse(answer.body).success).toBe(true)
  })
})

test('the document is served to everybody, in two languages', async () => {
  for (const lang of ['en', 'zh-CN']) {
    const answer = await fetch(`${server.url}/api/openapi.json?lang=${lang}`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0', tags: expect.arrayContaining([expect.objectContaining({ 'name': 'keys', 'x-displayName': lang === 'en' ? 'Keys' : '密钥' })]) as unknown })
  }
})
