import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiError, GroupView, ListOf } from '#shared/types/api'
import type { LiveState } from '#shared/types/live'
import type { SystemView } from '#shared/types/system'
import type { ChannelView } from '#shared/types/notification'
import type { SessionView } from '#shared/types/user'
import { createApiClient, type ApiClient } from '../helpers/api'
import { apiMatrix, type Access } from '../helpers/api-matrix'
import { apiRoutes, callOf } from '../helpers/api-routes'
import { startServer, type TestServer } from '../helpers/server'
import { addUserTo } from '../helpers/users'

test('every route has its row in the matrix', () => {
  expect(Object.keys(apiMatrix).sort()).toEqual(apiRoutes)
})

const having = (...accesses: Access[]) => Object.entries(apiMatrix).filter(([, access]) => accesses.includes(access)).map(([route]) => route)
const unsafe = Object.keys(apiMatrix).filter(route => !callOf(route).safe)

let server: TestServer
let admin: ApiClient
let ann: ApiClient
let ben: ApiClient
/** Things of ann's, by resource. */
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

describe('strangers', () => {
  test.each(Object.entries(apiMatrix))('%s', async (route, access) => {
    const { method, path } = callOf(route, ids)
    const answer = await createApiClient(server.url).call<ApiError>(method, path)
    expect(answer.status).toBe(typeof access === 'object' ? access.open : 401)
    if (answer.status === 401) expect(answer.body.error).toEqual({ code: 'unauthenticated', message: expect.any(String), requestId: answer.headers.get('x-relay-request-id') })
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test.each(['/api/%61ccounts', '/api//accounts', '/api/auth/login/../../accounts', '/api/public/../accounts', '/API/accounts', '/api/_auth/session', '/api/admin/no-such-path'])('%s is no way around', async (path) => {
    const { status } = await fetch(server.url + path)
    expect([401, 404]).toContain(status)
  })

  test('a made-up cookie is no session', async () => {
    const { status } = await fetch(`${server.url}/api/keys`, { headers: { cookie: 'relay-session=Fe26.2**made*up*cookie' } })
    expect(status).toBe(401)
  })
})

describe('a page of another site, in the name of who is signed in, is refused', () => {
  test.each(unsafe)('%s', async (route) => {
    const { method, path } = callOf(route, ids)
    const foreign: Record<string, string>[] = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]
    for (const headers of foreign) {
      const answer = await admin.call<ApiError>(method, path, undefined, headers)
      expect(answer.status).toBe(403)
      expect(answer.body.error.code).toBe('origin_refused')
    }
  })

  test('and so is one that gives itself out as ours by a forwarded host', async () => {
    const answer = await admin.call<ApiError>('POST', '/api/groups', { name: 'x' }, { 'origin': 'https://evil.example', 'x-forwarded-host': 'evil.example' })
    expect(answer.body.error.code).toBe('origin_refused')
  })

  test('our own pages pass', async () => {
    expect((await ann.call('PATCH', `/api/groups/${ids.groups}`, { remark: 'own' }, { 'origin': server.url, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })
})

describe('another user', () => {
  const bodies: Record<string, unknown> = { PATCH: { name: 'mine now' } }

  test.each(having('admin'))('without the admin role is refused %s', async (route) => {
    const { method, path } = callOf(route)
    const answer = await ben.call<ApiError>(method, path, method === 'POST' ? {} : undefined)
    expect(answer.status).toBe(403)
    expect(answer.body.error.code).toBe('forbidden')
  })

  test.each(having('owned'))('does not find it by %s', async (route) => {
    const { method, path } = callOf(route, ids)
    const answer = await ben.call<ApiError>(method, path, bodies[method])
    expect(answer.status).toBe(404)
    expect(answer.body.error.code).toBe('not_found')
  })

  test('every path that names a thing belongs to its owner or to admins', () => {
    expect(Object.entries(apiMatrix).filter(([route, access]) => route.includes('/:') && access !== 'owned' && access !== 'admin')).toEqual([])
  })

  test('changes none of several keys when one is another\'s', async () => {
    const { id } = await ann.addKey({ groupId: ids.groups })
    const own = await ben.ok<GroupView>('POST', '/api/groups', { name: 'of ben' })
    const mine = await ben.addKey({ groupId: own.id })
    expect((await ben.call('POST', '/api/keys/batch', { action: 'delete', ids: [mine.id, id] })).status).toBe(404)
    expect((await ben.call('GET', `/api/keys/${mine.id}`)).status).toBe(200)
    await ben.ok('DELETE', `/api/groups/${own.id}?keys=disable`)
    await ben.ok('DELETE', `/api/keys/${mine.id}`)
  })

  test('sees nothing of it in any list', async () => {
    expect((await ben.ok<LiveState>('GET', '/api/live/state')).accounts).toEqual([])
    expect((await ann.ok<LiveState>('GET', '/api/live/state')).accounts).toMatchObject([{ id: ids.accounts }])
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

  test('cannot put own things into it, nor let own things go there', async () => {
    const { groups: groupId } = ids
    expect((await ben.call('POST', '/api/keys', { name: 'k', groupId })).status).toBe(400)
    expect((await ben.call('POST', '/api/accounts', { name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'x' }, groupId })).status).toBe(400)
    const own = await ben.ok<GroupView>('POST', '/api/groups', { name: 'to go' })
    const key = await ben.addKey({ groupId: own.id })
    for (const to of [groupId, 'shared']) expect([400, 403]).toContain((await ben.call('DELETE', `/api/groups/${own.id}?keys=${to}`)).status)
    await ben.ok('DELETE', `/api/keys/${key.id}`)
    await ben.ok('DELETE', `/api/groups/${own.id}`)
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
    expect((await ben.call<ApiError>('GET', '/api/admin/no-such-path')).body.error.code).toBe('forbidden')
    expect((await admin.call<ApiError>('GET', '/api/admin/no-such-path')).body.error.code).toBe('not_found')
  })
})
