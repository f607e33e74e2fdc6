import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError, GroupView, ListOf } from '#shared/types/api'
import type { AccountLiveView } from '#shared/types/insight'
import type { SystemView } from '#shared/types/system'
import type { ChannelView } from '#shared/types/notification'
import type { SessionView } from '#shared/types/user'
import { createApiClient, type ApiClient } from '../helpers/api'
import { startServer, type TestServer } from '../helpers/server'
import { addUserTo } from '../helpers/users'

/** Every route with the status that a stranger gets. A route that is missing here fails the first test. */
const strangers: Record<string, number> = {
  'GET /api/admin/prices': 401,
  'POST /api/admin/prices': 401,
  'DELETE /api/admin/prices/:id': 401,
  'GET /api/admin/prices/history': 401,
  'POST /api/admin/prices/import': 401,
  'POST /api/admin/prices/preview/file': 401,
  'POST /api/admin/prices/preview/url': 401,
  'GET /api/admin/prices/version': 401,
  'GET /api/admin/prices/waiting': 401,
  'GET /api/accounts': 401,
  'POST /api/accounts': 401,
  'GET /api/accounts/:id': 401,
  'PATCH /api/accounts/:id': 401,
  'DELETE /api/accounts/:id': 401,
  'GET /api/accounts/:id/events': 401,
  'POST /api/accounts/:id/reset-state': 401,
  'POST /api/accounts/:id/test': 401,
  'GET /api/accounts/:id/why': 401,
  'GET /api/accounts/live': 401,
  'GET /api/admin/system': 401,
  'POST /api/accounts/oauth/finish': 401,
  'POST /api/accounts/oauth/start': 401,
  'GET /api/admin/settings': 401,
  'PATCH /api/admin/settings': 401,
  'POST /api/admin/invites': 401,
  'GET /api/admin/invites': 401,
  'DELETE /api/admin/invites/:id': 401,
  'GET /api/admin/users': 401,
  'POST /api/admin/users': 401,
  'GET /api/admin/users/:id': 401,
  'PATCH /api/admin/users/:id': 401,
  'DELETE /api/admin/users/:id': 401,
  'POST /api/admin/users/:id/reset-password': 401,
  'POST /api/auth/change-password': 401,
  'POST /api/auth/check-invite': 400,
  'POST /api/auth/codes': 400,
  'POST /api/auth/register': 400,
  'POST /api/auth/reset-password': 400,
  'POST /api/auth/sign-in-by-code': 400,
  'PATCH /api/profile': 401,
  'POST /api/profile/email': 401,
  'POST /api/profile/email/confirm': 401,
  'GET /api/sessions': 401,
  'DELETE /api/sessions': 401,
  'DELETE /api/sessions/:id': 401,
  'POST /api/auth/login': 400,
  'POST /api/auth/logout': 401,
  'GET /api/auth/me': 401,
  'GET /api/groups': 401,
  'POST /api/groups': 401,
  'GET /api/groups/:id': 401,
  'PATCH /api/groups/:id': 401,
  'DELETE /api/groups/:id': 401,
  'GET /api/keys': 401,
  'POST /api/keys': 401,
  'GET /api/keys/:id': 401,
  'PATCH /api/keys/:id': 401,
  'DELETE /api/keys/:id': 401,
  'POST /api/keys/batch': 401,
  'GET /api/keys/export': 401,
  'GET /api/limits': 401,
  'POST /api/keys/:id/reveal': 401,
  'POST /api/keys/:id/rotate': 401,
  'GET /api/logs': 401,
  'GET /api/logs/:requestId': 401,
  'GET /api/logs/export': 401,
  'GET /api/notification-channels': 401,
  'POST /api/notification-channels': 401,
  'GET /api/notification-channels/:id': 401,
  'PATCH /api/notification-channels/:id': 401,
  'DELETE /api/notification-channels/:id': 401,
  'POST /api/notification-channels/:id/test': 401,
  'GET /api/notification-kinds': 401,
  'GET /api/platforms': 401,
  'GET /api/settings/public': 200,
  'GET /api/stats/breakdown': 401,
  'GET /api/stats/export': 401,
  'GET /api/stats/summary': 401,
  'GET /api/stats/trend': 401,
  'ANY /api/**': 401,
}

const folder = fileURLToPath(new URL('../../server/api', import.meta.url))

function routeOf(file: string): string {
  const [, path = '', method = 'any'] = /^(.*?)(?:\.(get|post|put|patch|delete|head|options))?\.ts$/.exec(file) ?? []
  const parts = path.split('/').filter(part => part !== 'index').map(part => part.replace(/^\[\.{3}\]$/, '**').replace(/^\[(\w+)\]$/, ':$1'))
  return `${method.toUpperCase()} ${['/api', ...parts].join('/')}`
}

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const split = (route: string): [string, string] => {
  const [method = '', path = ''] = route.replace('ANY ', 'PUT ').split(' ')
  return [method, path.replace('**', 'no/such/path')]
}

test('every route has its stranger', () => {
  expect(files.map(routeOf).sort()).toEqual(Object.keys(strangers).sort())
})

let server: TestServer
let admin: ApiClient
let ann: ApiClient
let ben: ApiClient
const ids: Record<string, string> = {}

beforeAll(async () => {
  server = await startServer()
  const password = 'a-test-password'
  for (const username of ['ann', 'ben']) await addUserTo(server, { username, password })
  admin = await server.login()
  ann = createApiClient(server.url)
  ben = createApiClient(server.url)
  await ann.login('ann', password)
  await ben.login('ben', password)
  const group = await ann.ok<GroupView>('POST', '/api/groups', { name: 'of ann' })
  ids.groups = group.id
  ids.accounts = (await ann.addAccount({ baseUrl: 'https://api.example.com', groupId: group.id })).id
  ids.keys = (await ann.addKey({ groupId: group.id })).id
  ids['notification-channels'] = (await ann.ok<ChannelView>('POST', '/api/notification-channels', { name: 'hook', kind: 'webhook', config: { url: 'https://hooks.example.com/x' }, events: ['limit_near'] })).id
  ids.logs = 'req_of_nobody'
  ids.sessions = (await ann.ok<ListOf<SessionView>>('GET', '/api/sessions')).items[0]!.id
})
afterAll(() => server?.remove())

const filled = (path: string) => path.replace(/\/api\/([\w-]+)\/:\w+/, (_, resource: string) => `/api/${resource}/${ids[resource]}`)

describe('strangers', () => {
  test.each(Object.entries(strangers))('%s answers %i', async (route, status) => {
    const [method, path] = split(route)
    const answer = await createApiClient(server.url).call<ApiError>(method, filled(path))
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.body.error).toEqual({ code: 'unauthenticated', message: expect.any(String), requestId: answer.headers.get('x-relay-request-id') })
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test.each(['/api/%61ccounts', '/api//accounts', '/api/auth/login/../../accounts', '/api/public/../accounts', '/API/accounts', '/api/_auth/session', '/api/admin/users'])('%s is no way around', async (path) => {
    const { status } = await fetch(server.url + path)
    expect([401, 404]).toContain(status)
  })

  test('a made-up cookie is no session', async () => {
    const { status } = await fetch(`${server.url}/api/keys`, { headers: { cookie: 'relay-session=Fe26.2**made*up*cookie' } })
    expect(status).toBe(401)
  })
})

describe('another user', () => {
  const bodies: Record<string, unknown> = { PATCH: { name: 'mine now' } }

  const adminOnly = (route: string) => route.includes(' /api/admin/')

  test.each(Object.keys(strangers).filter(adminOnly))('without the admin role is refused %s', async (route) => {
    const [method, path] = split(route)
    const answer = await ben.call<ApiError>(method, path.replace(':id', 'any'), method === 'POST' ? {} : undefined)
    expect(answer.status).toBe(403)
    expect(answer.body.error.code).toBe('forbidden')
  })

  test.each(Object.keys(strangers).filter(route => route.includes('/:') && !adminOnly(route)))('does not find it by %s', async (route) => {
    const [method, path] = split(route)
    const answer = await ben.call<ApiError>(method, filled(path), bodies[method])
    expect(answer.status).toBe(404)
    expect(answer.body.error.code).toBe('not_found')
  })

  test('sees nothing of it in any list', async () => {
    expect((await ben.ok<AccountLiveView>('GET', `/api/accounts/live?ids=${ids.accounts}`)).items).toEqual([])
    for (const path of ['/api/groups', '/api/accounts', '/api/keys', '/api/logs', '/api/notification-channels']) {
      expect((await ben.ok<ListOf<unknown>>('GET', path)).items).toEqual([])
      expect((await ben.call('GET', `${path}?ownerId=x`)).status).toBe(path === '/api/logs' ? 400 : 403)
    }
  })

  test('has statistics of their own requests only', async () => {
    for (const path of ['/api/stats/summary', '/api/stats/trend', '/api/stats/breakdown', '/api/stats/export', '/api/logs/export']) {
      expect((await ben.call('GET', path)).status).toBe(200)
      expect((await ben.call('GET', `${path}?userId=somebody`)).status).toBe(403)
      expect((await admin.call('GET', `${path}?userId=somebody`)).status).toBe(200)
      expect((await ben.call('GET', `${path}?from=yesterday`)).status).toBe(400)
    }
  })

  test('cannot put own things into it', async () => {
    const { groups: groupId } = ids
    expect((await ben.call('POST', '/api/keys', { name: 'k', groupId })).status).toBe(400)
    expect((await ben.call('POST', '/api/accounts', { name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'x' }, groupId })).status).toBe(400)
  })

  test('cannot use the shared pool without permission', async () => {
    expect((await ben.call('POST', '/api/keys', { name: 'k' })).status).toBe(403)
    expect((await ben.call('POST', '/api/accounts', { name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'x' } })).status).toBe(403)
  })

  test('who is an admin finds and changes it', async () => {
    expect(await admin.ok<GroupView>('PATCH', `/api/groups/${ids.groups}`, { remark: 'seen' })).toMatchObject({ ownerName: 'ann', remark: 'seen' })
  })

  test('has no admin paths', async () => {
    expect((await admin.ok<SystemView>('GET', '/api/admin/system')).tasks.map(task => task.name)).toContain('accounts:recover')
    expect((await ben.call<ApiError>('GET', '/api/admin/users')).body.error.code).toBe('forbidden')
    expect((await admin.call<ApiError>('GET', '/api/admin/no-such-path')).body.error.code).toBe('not_found')
  })
})
