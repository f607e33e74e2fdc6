import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccountView, KeyView, KeyWithSecret } from '#shared/types/api'
import { createApiClient } from '../helpers/api'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { sqliteRun } from '../helpers/ledger'
import { readStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { addUserTo } from '../helpers/users'
import { after, ok } from '../helpers/upstream/behaviours'
import { gate } from '../helpers/upstream/paced'

interface Refusal { error: { type: string, message: string, details: Record<string, unknown> } }

let relay: Relay
beforeAll(async () => {
  relay = await startRelay()
})
afterAll(() => relay.close())
beforeEach(() => {
  relay.upstream.reset()
  relay.upstream.script(() => ok())
})

const keyWith = (limits: Record<string, unknown>, more: Record<string, unknown> = {}) => relay.api.addKey({ limits, ...more })
const asking = (key: KeyWithSecret, body: Record<string, unknown> = {}, headers: Record<string, string> = {}) => relay.ask({ stream: false, ...body }, { authorization: `Bearer ${key.key}`, ...headers })
const ask = async (key: KeyWithSecret, body: Record<string, unknown> = {}, headers: Record<string, string> = {}) => await send(asking(key, body, headers))
const refusal = (answer: Awaited<ReturnType<typeof send>>) => ({ status: answer.status, ...answer.json<Refusal & Record<string, unknown>>().error, headers: answer.headers })
const patch = (key: KeyWithSecret, change: Record<string, unknown>) => relay.api.ok<KeyView>('PATCH', `/api/keys/${key.id}`, change)

/** What one request costs here, in USD. */
async function price(): Promise<string> {
  const answer = await ask(await keyWith({}))
  return (await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))).billedUsd
}

describe('cost limits', () => {
  it.each(['daily', 'weekly', 'monthly', 'total'])('%s: lets requests in until it is used up, then 402 with which, used, cap and reset; a change acts at once', async (which) => {
    const cost = await price()
    const key = await keyWith({ [`${which}Usd`]: cost })
    expect((await ask(key)).status).toBe(200)
    const refused = refusal(await ask(key))
    expect(refused).toMatchObject({ status: 402, type: 'billing_error', details: { error_code: 'cost_limit', which, used: cost, cap: cost } })
    expect(refused.headers['x-should-retry']).toBeUndefined()
    const reset = refused.details.resets_at
    if (which === 'total') expect(reset).toBeNull()
    else {
      // Midnight of the zone that the server runs in, Asia/Shanghai.
      expect(String(reset)).toMatch(/T16:00:00\.000Z$/)
      expect(Date.parse(String(reset))).toBeGreaterThan(Date.now())
      expect(refused.message).toContain(String(reset))
    }
    await patch(key, { limits: { [`${which}Usd`]: String(Number(cost) * 2) } })
    expect((await ask(key)).status).toBe(200)
    expect((await ask(key)).status).toBe(402)
    await patch(key, { limits: { [`${which}Usd`]: null } })
    expect((await ask(key)).status).toBe(200)
  })

  it('a limit set on a key that has spent already counts what it has spent', async () => {
    const key = await keyWith({})
    const first = await ask(key)
    const { billedUsd } = await relay.api.waitForLog(String(first.headers['x-relay-request-id']))
    await ask(key)
    await patch(key, { limits: { dailyUsd: String(Number(billedUsd) * 2) } })
    expect((await ask(key)).status).toBe(402)
  })

  it('speaks the owner\'s language, and tells the console what is used', async () => {
    const cost = await price()
    const key = await keyWith({ dailyUsd: cost, totalUsd: 100 })
    await ask(key)
    await relay.api.waitForLogs(1, { keyId: key.id })
    const { usage } = await relay.api.ok<KeyView>('GET', `/api/keys/${key.id}`)
    expect(usage).toMatchObject({ day: { usedUsd: cost }, week: { usedUsd: cost }, month: { usedUsd: cost }, total: { usedUsd: cost, resetsAt: null }, requestsToday: 1 })
    expect(usage.day.resetsAt).toBeGreaterThan(Date.now())
  })

  it('200 at once with room for five: at most five are answered', { timeout: 90_000 }, async () => {
    const cost = await price()
    const key = await keyWith({ dailyUsd: String(Number(cost) * 6) })
    // The first one tells what the others will cost.
    expect((await ask(key)).status).toBe(200)
    const wait = gate()
    relay.upstream.script(() => after(wait.opened, ok()))
    const before = relay.upstream.requests.length
    const all = Array.from({ length: 200 }, () => ask(key))
    await relay.upstream.until(() => relay.upstream.requests.length >= before + 5, 'five at the upstream')
    wait.open()
    const statuses = (await Promise.all(all)).map(answer => answer.status)
    expect(statuses.filter(status => status === 200)).toHaveLength(5)
    expect(statuses.filter(status => status === 402)).toHaveLength(195)
    expect(relay.upstream.requests).toHaveLength(before + 5)
    expect(refusal(await ask(key))).toMatchObject({ status: 402, details: { used: String(Number((Number(cost) * 6).toFixed(9))) } })
  })

  it('a request that was cut by a crash, and all before it, still count after the restart', { timeout: 90_000 }, async () => {
    const cost = await price()
    const key = await keyWith({ dailyUsd: String(Number(cost) * 2) })
    await ask(key)
    await ask(key)
    await relay.server.kill()
    await relay.server.restart()
    relay.api = await relay.server.login()
    expect(refusal(await ask(key))).toMatchObject({ status: 402, details: { which: 'daily' } })
  })
})

describe('requests a minute and at once', () => {
  it('requests a minute: the next is told when to come back', async () => {
    const key = await keyWith({ requestsPerMinute: 2 })
    expect([(await ask(key)).status, (await ask(key)).status]).toEqual([200, 200])
    const refused = refusal(await ask(key))
    expect(refused).toMatchObject({ status: 429, type: 'rate_limit_error', details: { error_code: 'rate_limit', which: 'requests_per_minute', used: 2, cap: 2 } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
    await patch(key, { limits: { requestsPerMinute: 3 } })
    expect((await ask(key)).status).toBe(200)
  })

  it('at once: as many as the cap, one after the other without end, and again when one has ended', async () => {
    const key = await keyWith({ concurrency: 2 })
    for (let i = 0; i < 5; i++) expect((await readStream(asking(key, { stream: true }))).complete()).toBe(true)
    const wait = gate()
    const from = relay.upstream.requests.length
    relay.upstream.script(() => after(wait.opened, ok()))
    const two = [ask(key), ask(key)]
    await relay.upstream.until(() => relay.upstream.requests.length === from + 2, 'two at the upstream')
    const refused = refusal(await ask(key))
    expect(refused).toMatchObject({ status: 429, details: { error_code: 'key_concurrency', used: 2, cap: 2 } })
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
    wait.open()
    expect((await Promise.all(two)).map(answer => answer.status)).toEqual([200, 200])
    expect((await ask(key)).status).toBe(200)
  })

  it('a failed request gives its place back', async () => {
    const key = await keyWith({ concurrency: 1 })
    for (let i = 0; i < 3; i++) expect((await send(relay.ask('{"model":"claude-sonnet-5-5"', { authorization: `Bearer ${key.key}` }))).status).toBe(400)
    expect((await ask(key)).status).toBe(200)
  })
})

describe('a key that should not get in', () => {
  it('N days from the first use: no end before, a fixed end after, taken away when cleared', async () => {
    const key = await keyWith({}, { expiresInDays: 3 })
    expect(key).toMatchObject({ expiresAt: null, firstUsedAt: null })
    const before = Date.now()
    await ask(key)
    const used = await poll(async () => {
      const view = await relay.api.ok<KeyView>('GET', `/api/keys/${key.id}`)
      return view.firstUsedAt === null ? undefined : view
    }, 'the first use to be noted')
    expect(used.firstUsedAt).toBeGreaterThanOrEqual(before)
    expect(used.expiresAt).toBe(used.firstUsedAt! + 3 * 86_400_000)
    await ask(key)
    expect(await relay.api.ok<KeyView>('GET', `/api/keys/${key.id}`)).toMatchObject({ firstUsedAt: used.firstUsedAt, expiresAt: used.expiresAt })
    expect(await patch(key, { expiresInDays: 5 })).toMatchObject({ expiresAt: used.firstUsedAt! + 5 * 86_400_000 })
    expect(await patch(key, { expiresInDays: null })).toMatchObject({ expiresAt: null })
  })

  it('a disabled key, an expired one, one of a disabled group: each refused at once, each back at once', async () => {
    const group = await relay.api.ok<{ id: string }>('POST', '/api/groups', { name: 'group of limits' })
    await relay.api.addAccount({ name: 'of the group', baseUrl: relay.upstream.url, groupId: group.id })
    const key = await keyWith({}, { groupId: group.id })
    const code = async () => refusal(await ask(key)).details?.error_code
    expect((await ask(key)).status).toBe(200)
    await patch(key, { enabled: false })
    expect(await code()).toBe('key_disabled')
    await patch(key, { enabled: true, expiresAt: Date.now() - 1 })
    expect(await code()).toBe('key_expired')
    await patch(key, { expiresAt: null })
    await relay.api.ok('PATCH', `/api/groups/${group.id}`, { enabled: false })
    expect(await code()).toBe('key_disabled')
    await relay.api.ok('PATCH', `/api/groups/${group.id}`, { enabled: true })
    expect((await ask(key)).status).toBe(200)
  })

  it('wrong keys of one address are throttled, a known key behind it is not hurt', async () => {
    const wrong = () => send(relay.ask({}, { authorization: 'Bearer sk-wrong-key-of-nobody-0123456789' }))
    const codes = [] as unknown[]
    for (let i = 0; i < 22; i++) codes.push(refusal(await wrong()).details.error_code)
    expect(codes).toEqual([...Array(20).fill('key_invalid'), 'rate_limit', 'rate_limit'])
    const refused = refusal(await wrong())
    expect(refused).toMatchObject({ status: 429, headers: { 'x-should-retry': 'false' } })
    expect((await ask(relay.key)).status).toBe(200)
  })
})

describe('the daily limit of an account', () => {
  it('passes the account over once its day is used up, and takes it back when the limit is raised', async () => {
    const cost = await price()
    const second = await relay.api.addAccount({ name: 'cheap', baseUrl: relay.upstream.url, priority: 1, dailyLimitUsd: cost })
    expect(second.dailyLimitUsd).toBe(cost)
    const served = async () => (await relay.api.waitForLog(String((await ask(relay.key)).headers['x-relay-request-id'])))
    expect((await served()).accountId).toBe(second.id)
    const row = await served()
    expect(row.accountId).toBe(relay.account.id)
    expect(row.attempts).toContainEqual(expect.objectContaining({ accountId: second.id, verdict: 'skipped', reason: 'over_budget' }))
    await relay.api.ok<AccountView>('PATCH', `/api/accounts/${second.id}`, { dailyLimitUsd: '100' })
    expect((await served()).accountId).toBe(second.id)
    await relay.api.ok('PATCH', `/api/accounts/${second.id}`, { dailyLimitUsd: 0 })
    expect((await served()).accountId).toBe(relay.account.id)
    expect(await relay.api.ok('PATCH', `/api/accounts/${second.id}`, { dailyLimitUsd: null })).toMatchObject({ dailyLimitUsd: null })
    await relay.api.ok('DELETE', `/api/accounts/${second.id}`)
  })
})

describe('many keys at once', () => {
  it('enable, disable, limits, move, delete: all of them, or none when one is somebody else\'s', async () => {
    const keys = await Promise.all([keyWith({ dailyUsd: 1 }), keyWith({}), keyWith({ concurrency: 3 })])
    const ids = keys.map(({ id }) => id)
    const views = () => Promise.all(ids.map(id => relay.api.ok<KeyView>('GET', `/api/keys/${id}`)))
    const batch = (body: Record<string, unknown>) => relay.api.ok('POST', '/api/keys/batch', { ids, ...body })
    expect(await batch({ action: 'disable' })).toEqual({ changed: 3 })
    expect((await views()).map(({ enabled }) => enabled)).toEqual([false, false, false])
    await batch({ action: 'enable' })
    await batch({ action: 'limits', limits: { dailyUsd: '2.5', concurrency: null } })
    expect((await views()).map(({ limits }) => [limits.dailyUsd, limits.concurrency])).toEqual(Array(3).fill(['2.5', null]))
    const group = await relay.api.ok<{ id: string }>('POST', '/api/groups', { name: 'for many' })
    await batch({ action: 'move', groupId: group.id })
    expect((await views()).map(({ groupId }) => groupId)).toEqual(Array(3).fill(group.id))
    await addUserTo(relay.server, { username: 'keyless', password: 'a-password-of-nobody' })
    relay.api = await relay.server.login()
    const stranger = createApiClient(relay.server.url)
    await stranger.login('keyless', 'a-password-of-nobody')
    expect((await stranger.call('POST', '/api/keys/batch', { action: 'delete', ids })).status).toBe(404)
    expect(await relay.api.call('POST', '/api/keys/batch', { action: 'disable', ids: [...ids, 'no-such-key'] })).toMatchObject({ status: 404 })
    expect((await views()).every(({ enabled }) => enabled)).toBe(true)
    await batch({ action: 'delete' })
    expect((await relay.api.call('GET', `/api/keys/${ids[0]}`)).status).toBe(404)
  })

  it('CSV: every key of the list, no key itself, no formula', async () => {
    const key = await keyWith({ dailyUsd: '1.5' }, { name: '=1+1,"x"' })
    const { headers, body } = await relay.api.call<string>('GET', '/api/keys/export')
    expect(headers.get('content-type')).toContain('text/csv')
    const line = body.split('\r\n').find(text => text.startsWith(key.id))
    expect(line).toContain(`${key.id},"'=1+1,""x""",admin`)
    expect(line).toContain(',1.5,')
    expect(body).not.toContain(key.key)
  })
})

describe('settings in the database that cannot be read', () => {
  it('refuse the key with a reason and a log line until they are saved anew', { timeout: 90_000 }, async () => {
    const key = await keyWith({ dailyUsd: 5 })
    await relay.server.stop()
    sqliteRun(relay.server.dataDir, `update api_keys set limits = '{"dailyNano":"much"}' where id = '${key.id}'`)
    await relay.server.restart()
    relay.api = await relay.server.login()
    expect(refusal(await ask(key))).toMatchObject({ status: 401, details: { error_code: 'key_disabled' }, message: expect.stringContaining('cost-daily') as string })
    expect(relay.server.logLines()).toContainEqual(expect.objectContaining({ level: 'error', keyId: key.id, settings: 'cost-daily' }))
    expect(await relay.api.ok<KeyView>('GET', `/api/keys/${key.id}`)).toMatchObject({ broken: true, limits: { dailyUsd: null } })
    expect(await patch(key, { limits: { dailyUsd: 5 } })).toMatchObject({ broken: false })
    expect((await ask(key)).status).toBe(200)
  })
})
