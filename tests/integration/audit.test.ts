import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyView, ListOf } from '#shared/types/api'
import type { ApiLogView, AuditValuesView, AuditView } from '#shared/types/audit'
import { createApiClient, type ApiClient } from '../helpers/api'
import { apiRoutes, callOf } from '../helpers/api-routes'
import { apiWrites, SECRET_MARK, type WriteScene } from '../helpers/api-writes'
import { startOAuth, type OAuthServer } from '../helpers/oauth'
import { startServer, type TestServer } from '../helpers/server'
import { startSmtp, type TestSmtp } from '../helpers/smtp'
import { poll } from '../helpers/until'
import { startUpstream, type Upstream } from '../helpers/upstream'

test('every unsafe route says what it leaves in the audit log, or why nothing', () => {
  expect(Object.keys(apiWrites).sort()).toEqual(apiRoutes.filter(route => !callOf(route).safe))
})

let server: TestServer
let upstream: Upstream
let oauth: OAuthServer
let smtp: TestSmtp
let api: ApiClient
let scene: WriteScene

beforeAll(async () => {
  upstream = await startUpstream()
  oauth = await startOAuth()
  smtp = await startSmtp()
  const { host, port, from } = smtp.settings
  server = await startServer({ CLAUDE_AUTH_BASE_URL: oauth.url, CLAUDE_API_BASE_URL: upstream.url, SMTP_HOST: host, SMTP_PORT: String(port), SMTP_FROM: from })
  api = await server.login()
  scene = { api, oauth, mails: smtp.mails, password: server.admin.password, upstreamUrl: upstream.url, stranger: () => createApiClient(server.url) }
})
afterAll(async () => {
  await server?.remove()
  await upstream?.close()
  await oauth?.close()
  await smtp?.close()
})

const audit = async (query = '') => await api.ok<ListOf<AuditView>>('GET', `/api/admin/audit?limit=200&${query}`)
const apiLogs = async (query = '') => (await api.ok<ListOf<ApiLogView>>('GET', `/api/admin/api-logs?limit=200&${query}`)).items

describe('each write leaves a row that names who, what and from where, without secrets', () => {
  const writes = Object.entries(apiWrites).flatMap(([route, write]) => ('none' in write ? [] : [[route, write] as const]))

  test.each(writes)('%s', async (_route, { action, call }) => {
    const before = new Set((await audit()).items.map(({ id }) => id))
    await call(scene)
    const made = (await audit()).items.filter(row => !before.has(row.id) && row.action === action)
    expect(made.length).toBeGreaterThan(0)
    for (const row of made) expect(row).toMatchObject({ userName: expect.any(String) as string, userId: expect.any(String) as string, ip: '127.0.0.1', targetType: action.split('.')[0] })
    expect(JSON.stringify(made)).not.toContain(SECRET_MARK)
  })

  test('a change tells the fields that differ, before and after', async () => {
    const { id } = await api.addKey({ name: 'before' })
    await api.ok<KeyView>('PATCH', `/api/keys/${id}`, { name: 'after' })
    const [row] = (await audit(`targetType=key&targetId=${id}`)).items
    expect(row).toMatchObject({ action: 'key.update', targetName: 'before', before: { name: 'before' }, after: { name: 'after' } })
    expect(Object.keys(row!.before!).filter(field => field !== 'updatedAt')).toEqual(['name'])
  })

  test('a refused write leaves none', async () => {
    const { items } = await audit()
    expect((await api.call('POST', '/api/groups', {})).status).toBe(400)
    expect((await api.call('PATCH', '/api/keys/nothing', { name: 'x' })).status).toBe(404)
    expect((await audit()).items).toHaveLength(items.length)
  })
})

describe('the audit log', () => {
  test('is searched and filtered on the server, and paged', async () => {
    const { id } = await api.addKey({ name: 'Needle 針' })
    for (const query of ['q=needle', `q=${encodeURIComponent('針')}`, `targetId=${id}`, 'action=key.create&q=NEEDLE', `from=${Date.now() - 60_000}&q=needle`]) {
      expect((await audit(query)).items.map(row => row.targetId)).toEqual([id])
    }
    expect((await audit('to=1')).items).toEqual([])
    const all = (await audit()).items
    const first = await api.ok<ListOf<AuditView>>('GET', '/api/admin/audit?limit=3')
    const second = await api.ok<ListOf<AuditView>>('GET', `/api/admin/audit?limit=3&cursor=${first.nextCursor}`)
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 6))
    expect((await api.call('GET', '/api/admin/audit?from=5&to=1')).status).toBe(400)
    expect((await api.call('GET', '/api/admin/audit?action=DROP')).status).toBe(400)
  })

  test('names what it can be filtered by', async () => {
    const { actions, people } = await api.ok<AuditValuesView>('GET', '/api/admin/audit/values')
    expect(actions).toContain('key.create')
    expect(people).toContainEqual({ id: expect.any(String) as string, name: 'admin' })
  })
})

describe('the access log', () => {
  test('has a row for each write and each failure, none for reading, and no query', async () => {
    await api.ok('GET', '/api/keys?q=not-to-be-seen')
    await api.ok('POST', '/api/groups', { name: 'seen' })
    expect((await api.call('GET', '/api/keys/nothing?secret=sk-in-a-query')).status).toBe(404)
    const failure = await poll(
      async () => (await apiLogs('q=/api/keys/nothing')).find(row => row.method === 'GET'),
      'the access row of the failure',
    )
    expect(failure).toMatchObject({ path: '/api/keys/nothing', status: 404, errorCode: 'not_found', userName: 'admin', ip: '127.0.0.1' })
    const all = await apiLogs()
    expect(all.find(row => row.method === 'POST' && row.path === '/api/groups' && row.status === 201)).toBeDefined()
    expect(all.filter(row => row.method === 'GET' && row.status < 400)).toEqual([])
    expect(JSON.stringify(all)).not.toMatch(/not-to-be-seen|sk-in-a-query/)
    expect((await apiLogs('status=4')).every(row => row.status >= 400 && row.status < 500)).toBe(true)
  })

  test('keeps what was gathered when the server ends', async () => {
    const { id } = await api.ok<{ id: string }>('POST', '/api/groups', { name: 'last' })
    await api.call('DELETE', `/api/groups/${id}`)
    await server.stop()
    await server.restart()
    expect((await apiLogs(`q=/api/groups/${id}`)).map(row => row.method)).toEqual(['DELETE'])
  })
})
