import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyWithSecret, MeView } from '#shared/types/api'
import type { SettingsView } from '#shared/types/settings'
import type { UserWithPassword } from '#shared/types/user'
import { createApiClient, type ApiClient } from '../helpers/api'
import { send } from '../helpers/http'
import { startInstances, type Instances } from '../helpers/instances'
import { startProcess } from '../helpers/process'
import { smallBody } from '../helpers/relay'
import { serverFile, startServer, type TestServer } from '../helpers/server'
import { poll } from '../helpers/until'

const password = 'a password of their own'
const until = (holds: () => Promise<boolean>, what: string, ms?: number) => poll(async () => await holds() || undefined, what, ms)

/** Runs the program that resets an admin, with the server's environment. */
async function reset(server: TestServer, ...args: string[]): Promise<{ code: number | null, output: string, password: string }> {
  const running = await startProcess(process.execPath, [join(dirname(serverFile), 'admin-reset.mjs'), ...args], { env: server.env })
  const { code } = await running.exited
  return { code, output: running.output(), password: /Password: {2}(\S+)/.exec(running.output())?.[1] ?? '' }
}

async function addUser(admin: ApiClient, url: string, username: string) {
  const { user, password: start } = await admin.ok<UserWithPassword>('POST', '/api/admin/users', { username, sharedPool: true })
  const api = createApiClient(url)
  await api.login(username, start)
  expect((await api.call('GET', '/api/keys')).status).toBe(403)
  await api.ok('POST', '/api/auth/change-password', { currentPassword: start, newPassword: password })
  return { id: user.id, api }
}

describe('over two instances', () => {
  let instances: Instances
  beforeAll(async () => {
    instances = await startInstances()
  }, 60_000)
  afterAll(() => instances?.close())

  const ask = (instance: number, key: string) => send({ url: `${instances.servers[instance]!.relay}/v1/messages`, headers: { 'content-type': 'application/json', 'x-api-key': key }, body: smallBody({ stream: false }) }).then(answer => answer.status)

  async function withKey(username: string) {
    const user = await addUser(instances.api, instances.servers[1].url, username)
    const { key } = await user.api.ok<KeyWithSecret>('POST', '/api/keys', { name: 'k' })
    await until(async () => await ask(0, key) === 200 && await ask(1, key) === 200, 'the key to be known on both instances')
    return { ...user, key }
  }

  test('who is disabled on one is out on the other, with their keys, within two seconds', async () => {
    const { id, api, key } = await withKey('ann')
    await instances.api.ok('PATCH', `/api/admin/users/${id}`, { enabled: false })
    expect(await ask(0, key)).toBe(401)
    await until(async () => (await api.call('GET', '/api/auth/me')).status === 401 && await ask(1, key) === 401, 'the other instance to refuse', 2_000)
  })

  test('what a deleted user leaves to another goes on working, and is theirs', async () => {
    const { id, api, key } = await withKey('ben')
    const heir = await addUser(instances.api, instances.servers[1].url, 'eve')
    await instances.api.ok('DELETE', `/api/admin/users/${id}?transferTo=${heir.id}`)
    expect(await ask(0, key)).toBe(200)
    await until(async () => (await api.call('GET', '/api/auth/me')).status === 401, 'the session to end', 2_000)
    expect(await ask(1, key)).toBe(200)
    expect((await heir.api.ok<{ items: unknown[] }>('GET', '/api/keys')).items).toHaveLength(1)
  })

  test('a setting is in force on both', async () => {
    await instances.api.ok('PATCH', '/api/admin/settings', { registration: { mode: 'invite' }, operator: { name: 'Example' } })
    await until(async () => (await (await fetch(`${instances.servers[1].url}/api/settings/public`)).json() as { registration: string }).registration === 'invite', 'the other instance to know', 2_000)
    expect((await instances.api.ok<SettingsView>('GET', '/api/admin/settings')).operator.name).toBe('Example')
  })

  test('an admin is reset while they run: sessions end, the new password signs in and must be changed', async () => {
    const made = await reset(instances.servers[0])
    expect([made.code, made.output]).toEqual([0, expect.stringContaining('User name: admin')])
    await until(async () => (await instances.api.call('GET', '/api/auth/me')).status === 401, 'the session to end', 3_000)
    const api = createApiClient(instances.servers[1].url)
    await api.login('admin', made.password)
    expect((await api.ok<MeView>('GET', '/api/auth/me')).user.mustChangePassword).toBe(true)
  })
})

describe('on SQLite', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server?.remove())

  test('the admin is reset while the relay is stopped; a running one is said to be in the way', async () => {
    const refused = await reset(server)
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('Stop the relay first')])
    expect(refused.output).not.toMatch(/^\s+at /m)
    await server.stop()
    expect((await reset(server, 'nobody')).output).toContain('There is no admin nobody')
    const made = await reset(server)
    expect(made.code).toBe(0)
    await server.restart()
    const api = createApiClient(server.url)
    await api.login('admin', made.password)
    expect((await api.call('GET', '/api/admin/users')).status).toBe(403)
    await api.ok('POST', '/api/auth/change-password', { currentPassword: made.password, newPassword: password })
    expect((await api.call('GET', '/api/admin/users')).status).toBe(200)
  }, 60_000)
})
