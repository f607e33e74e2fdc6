import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountView, KeyView, ListOf, LogView } from '#shared/types/api'
import type { LiveState } from '#shared/types/live'
import type { StatsOverviewView } from '#shared/types/stats'
import type { SystemView } from '#shared/types/system'
import { createApiClient, type ApiClient } from '../helpers/api'
import { startProcess, type Running } from '../helpers/process'
import { poll } from '../helpers/until'

/** `npm run demo` as a user runs it, once for all tests of this file. */
let demo: Running
let url: string
let api: ApiClient
let before: string[]
const folders = () => readdirSync(tmpdir()).filter(name => name.startsWith('relay-demo-'))

beforeAll(async () => {
  before = folders()
  // What a user's own environment says must not matter.
  const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), RELAY_DATA_DIR: join(tmpdir(), 'not-for-the-demo'), MYSQL_HOST: 'db.example.com', TZ: 'Asia/Shanghai' }
  demo = await startProcess(process.execPath, ['scripts/demo.mjs', '--port', '0'], { env })
  url = await poll(async () => {
    if (demo.exit) throw new Error(`the demo ended:\n${demo.output()}`)
    return /Claude Code Relay: (http:\S+)/.exec(demo.output())?.[1]
  }, 'the demo to be ready', 60_000)
  const { demo: access } = await (await fetch(`${url}/api/settings/public`)).json() as { demo: { username: string, password: string } }
  api = createApiClient(url)
  await api.login(access.username, access.password)
})
afterAll(() => demo.end('SIGKILL'))

const overview = () => api.ok<StatsOverviewView>('GET', '/api/stats/overview')
const html = async (path: string, language = 'en') => await (await fetch(url + path, { headers: { 'accept': 'text/html', 'accept-language': language, 'cookie': api.cookie() } })).text()

test('the dashboard is full: weeks of requests, accounts in every kind of state, groups, users', async () => {
  const { trend, total, counts, states, windows, models, accounts, keys } = await overview()
  expect(trend.filter(({ requests }) => requests > 0).length).toBeGreaterThanOrEqual(30)
  expect(total.requests).toBeGreaterThan(5_000)
  expect(counts.users).toBe(6)
  expect(states).toMatchObject({ limited: 1, abnormal: 1, disabled: 1 })
  expect(windows.length).toBeGreaterThan(3)
  expect([models.items.length, accounts.length, keys.length].every(length => length >= 3)).toBe(true)
  const { items } = await api.ok<ListOf<AccountView>>('GET', '/api/accounts')
  expect(new Set(items.map(({ platform }) => platform))).toEqual(new Set(['claude', 'claude_console', 'openai']))
  const { accounts: watched } = await api.ok<LiveState>('GET', '/api/live/state')
  expect(watched.filter(({ lastUsedAt }) => lastUsedAt !== null).length).toBeGreaterThanOrEqual(10)
  const { items: all } = await api.ok<ListOf<KeyView>>('GET', '/api/keys')
  expect(all.some(({ limits, usage }) => limits.totalNano !== null && usage.total.usedNano >= limits.totalNano)).toBe(true)
  for (const path of ['/api/admin/audit', '/api/admin/api-logs', '/api/groups', '/api/notification-channels', '/api/admin/invites', '/api/admin/users']) {
    expect((await api.ok<ListOf<unknown>>('GET', path)).items, path).not.toEqual([])
  }
})

test('every page says that it is a demo, in both languages, and the sign-in page how to get in', async () => {
  for (const path of ['/', '/dashboard', '/admin/system', '/no-such-page']) expect(await html(path), path).toContain('All data is made up')
  expect(await html('/dashboard', 'zh-CN')).toContain('数据均为虚构')
  expect(await (await fetch(`${url}/login`, { headers: { accept: 'text/html' } })).text()).toContain('demo-password')
})

test('people go on working: requests are answered, some by a second account', async () => {
  const from = (await overview()).total.requests
  const more = await poll(async () => {
    const now = await overview()
    return now.total.requests >= from + 5 && now.running > 0 ? now : undefined
  }, 'new requests')
  expect(more.total.requests).toBeGreaterThan(from)
  const { items } = await api.ok<ListOf<LogView>>('GET', '/api/logs?limit=200')
  expect(items.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(items.length / 2)
  expect(items.some(({ attempts }) => attempts.some(({ verdict }) => verdict === 'transient'))).toBe(true)
})

test('it reaches no other machine', async () => {
  const account = await api.addAccount({ baseUrl: 'http://192.0.2.1:9' })
  expect(await api.ok('POST', `/api/accounts/${account.id}/test`)).toMatchObject({ ok: false })
  expect(JSON.stringify((await api.call('POST', `/api/accounts/${account.id}/test`)).body)).toContain('reaches nothing else')
  await api.ok('DELETE', `/api/accounts/${account.id}`)
})

test('the check of the roll-ups finds nothing to mend', async () => {
  const result = await poll(async () => {
    const { tasks } = await api.ok<SystemView>('GET', '/api/admin/system')
    return tasks.find(({ name }) => name === 'stats:verify')?.lastRun?.result ?? undefined
  }, 'the check of the roll-ups', 30_000)
  expect(result).toMatch(/days checked, all roll-ups equal their rows$/)
})

test('interrupted, it ends in good order and leaves nothing', async () => {
  const [dir] = folders().filter(name => !before.includes(name))
  const server = (await api.ok<SystemView>('GET', '/api/admin/system')).instances[0]!.pid
  expect(dir).toBeDefined()
  expect(await demo.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(existsSync(join(tmpdir(), dir!))).toBe(false)
  expect(() => process.kill(server, 0)).toThrow('ESRCH')
  expect(existsSync(join(tmpdir(), 'not-for-the-demo'))).toBe(false)
})
