import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccountTestView, AccountView, KeyWithSecret } from '#shared/types/api'
import type { ApiClient } from '../helpers/api'
import { bearerOf, signIn, takeTokensOf } from '../helpers/claude-server'
import { rawValues, send } from '../helpers/http'
import { startOAuth, type OAuthServer } from '../helpers/oauth'
import { startProxy } from '../helpers/proxies'
import { smallBody } from '../helpers/relay'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'
import { poll } from '../helpers/until'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { ok, status } from '../helpers/upstream/behaviours'

const reset = Math.round(Date.now() / 1000) + 3_600
const windowHeaders = {
  'anthropic-ratelimit-unified-5h-utilization': '0.42', 'anthropic-ratelimit-unified-5h-reset': String(reset),
  'anthropic-ratelimit-unified-7d_opus-utilization': '0.1', 'anthropic-ratelimit-unified-7d_opus-reset': String(reset),
}

let oauth: OAuthServer
let upstream: Upstream
let server: TestServer
let api: ApiClient
let key: KeyWithSecret
let account: AccountView

beforeAll(async () => {
  oauth = await startOAuth()
  upstream = await startUpstream()
  server = await startServer({ CLAUDE_AUTH_BASE_URL: oauth.url, CLAUDE_API_BASE_URL: upstream.url })
  api = await server.login()
  key = await api.addKey()
  account = await signIn(api, oauth)
})
afterAll(async () => {
  await server?.remove()
  await upstream?.close()
  await oauth?.close()
})
beforeEach(() => {
  upstream.reset()
  takeTokensOf(oauth, upstream, () => ok({}, windowHeaders))
})

const ask = (headers: Record<string, string> = {}, path = '/v1/messages?beta=true', body = smallBody()) =>
  send({ url: server.relay + path, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key.key}`, ...headers }, body })
const get = (path: string) => send({ url: server.relay + path, method: 'GET', headers: { 'x-api-key': key.key } })
const state = async () => (await api.ok<AccountView>('GET', `/api/accounts/${account.id}`)).state

describe('an official account', () => {
  it('takes requests with its token, the OAuth beta added to the client\'s', async () => {
    expect((await ask({ 'anthropic-beta': 'a-1', 'user-agent': 'some client/1' })).status).toBe(200)
    const { rawHeaders, headers } = upstream.requests[0]!
    expect(rawValues(rawHeaders, 'anthropic-beta')).toEqual(['a-1,oauth-2025-04-20'])
    expect(headers['user-agent']).toBe('some client/1')
    expect(JSON.stringify(rawHeaders)).not.toContain(key.key)
    expect(oauth.accepts(bearerOf(upstream.requests[0]!))).toBe(true)
  })

  it('shows what its upstream tells of usage windows, and no client sees it', async () => {
    const answer = await ask()
    expect(answer.rawHeaders.join()).not.toMatch(/ratelimit/i)
    const { windows } = await poll(async () => {
      const view = await api.ok<AccountView>('GET', `/api/accounts/${account.id}`)
      return view.windows.length > 0 ? view : undefined
    }, 'the windows to be written')
    expect(windows).toEqual([{ id: '5h', used: 0.42, resetsAt: reset * 1000, status: null }, { id: '7d_opus', used: 0.1, resetsAt: reset * 1000, status: null }])
  })

  it('whose token is over gets a new one inside the request, once for all that run', async () => {
    const before = oauth.requests.length
    let taken = ''
    upstream.script(request => bearerOf(request) === (taken ||= bearerOf(request)) || !oauth.accepts(bearerOf(request)) ? status(401, { message: 'OAuth token has expired.' }) : ok())
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
    expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
    expect(oauth.requests.length - before).toBe(1)
    expect((await state()).name).toBe('normal')
    const log = await api.waitForLog(String(answers[0]!.headers['x-relay-request-id']))
    expect(log.attempts.map(({ verdict, reason }) => [verdict, reason])).toEqual([['pass_over', 'token_renewed'], ['deliver', null]])
  })

  it('is tested with a fresh token too', async () => {
    let taken = ''
    upstream.script(request => bearerOf(request) === (taken ||= bearerOf(request)) ? status(401) : ok())
    expect(await api.ok<AccountTestView>('POST', `/api/accounts/${account.id}/test`, {})).toMatchObject({ ok: true })
  })

  it('passes the upstream\'s own word on other clients on, and no 401 of its own', async () => {
    upstream.script(() => status(400, { message: 'This credential is only authorized for use with Claude Code.' }))
    const answer = await ask()
    expect([answer.status, answer.json<{ error: { message: string } }>().error.message]).toEqual([400, 'This credential is only authorized for use with Claude Code.'])
    expect((await state()).name).toBe('normal')
  })

  it('says "sign in again" when its sign-in is over, and works after that was done', async () => {
    upstream.script(() => status(401))
    oauth.before = () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'Refresh token revoked' } })
    expect((await ask()).status).toBe(529)
    expect(await state()).toMatchObject({ name: 'abnormal', reason: 'sign_in_again', evidence: '400 invalid_grant: Refresh token revoked' })
    oauth.before = null
    const { flowId, url } = await api.ok<{ flowId: string, url: string }>('POST', '/api/accounts/oauth/start', { accountId: account.id })
    await api.ok('POST', '/api/accounts/oauth/finish', { flowId, code: oauth.allow(url).callback })
    takeTokensOf(oauth, upstream, () => ok())
    expect((await ask()).status).toBe(200)
  })

  it('leaves no token in any log', () => {
    expect(server.logs()).not.toMatch(/sk-ant-o[ar]t/)
  })
})

describe('counting tokens', () => {
  const count = (body: string) => ask({}, '/v1/messages/count_tokens?beta=true', body)
  const bodyOf = (text: string) => JSON.stringify({ model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: text }] })

  it('of 25 at once costs one call per distinct body', async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => count(bodyOf(`body ${i % 4}`))))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
    expect(answers[0]!.json<{ input_tokens: number }>().input_tokens).toBeGreaterThan(0)
    expect(answers[0]!.headers['x-relay-estimated']).toBeUndefined()
    expect(upstream.requests).toHaveLength(4)
  })

  it('is estimated, and says so, where the upstream lacks it', async () => {
    upstream.script(() => status(404, { type: 'not_found_error', message: 'Not found' }))
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(200)
    const answer = await count(bodyOf(text))
    expect([answer.status, answer.headers['x-relay-estimated']]).toEqual([200, 'true'])
    const { input_tokens: tokens } = answer.json<{ input_tokens: number }>()
    expect(tokens).toBeGreaterThan(text.length / 6)
    expect(tokens).toBeLessThan(text.length / 2)
    await count(bodyOf('another'))
    expect(upstream.requests).toHaveLength(1)
  })

  it('obeys the key\'s own limits', async () => {
    const narrow = await api.addKey({ models: ['claude-haiku-*'] })
    expect((await ask({ authorization: `Bearer ${narrow.key}` }, '/v1/messages/count_tokens', bodyOf('x'))).status).toBe(403)
    expect((await ask({ authorization: 'Bearer sk-nobody' }, '/v1/messages/count_tokens', bodyOf('x'))).status).toBe(401)
  })
})

describe('the models of a key', () => {
  it.each(['/v1/models?limit=1000', '/v1/v1/models?limit=1000'])('are told at %s', async (path) => {
    const { data, has_more: more } = (await get(path)).json<{ data: { id: string, display_name: string }[], has_more: boolean }>()
    expect(data).toContainEqual(expect.objectContaining({ id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5' }))
    expect(more).toBe(false)
  })

  it('are told one by one, and to nobody without a key', async () => {
    expect((await get('/v1/models/claude-opus-5-5')).json()).toMatchObject({ type: 'model', id: 'claude-opus-5-5' })
    expect((await get('/v1/models/gpt-9')).status).toBe(404)
    expect((await send({ url: `${server.relay}/v1/models`, method: 'GET' })).status).toBe(401)
  })
})

describeWith(['proxy programs'], 'an account behind a proxy', () => {
  it('signs in, renews and relays through it, and blames it by name when it fails', async () => {
    const proxy = await startProxy('socks5', { login: { user: 'relay', password: 'proxy-password' } })
    const behind = await signIn(api, oauth, { name: 'behind', proxyUrl: proxy.url(), priority: 1 })
    const through = () => proxy.output().length
    const signedIn = through()
    expect(signedIn).toBeGreaterThan(0)
    expect((await ask()).status).toBe(200)
    expect(through()).toBeGreaterThan(signedIn)
    await api.ok('PATCH', `/api/accounts/${behind.id}`, { proxyUrl: proxy.url('relay:wrong-password') })
    const answer = await ask()
    expect(answer.status).toBe(200)
    const log = await api.waitForLog(String(answer.headers['x-relay-request-id']))
    expect(log.attempts[0]).toMatchObject({ accountId: behind.id, verdict: 'transient', reason: 'proxy_auth' })
    const tested = await api.ok<AccountTestView>('POST', `/api/accounts/${behind.id}/test`, {})
    expect(tested.message).toContain(`The proxy socks5://127.0.0.1:${proxy.port} does not accept the user name and password.`)
    expect(JSON.stringify([tested, log]) + server.logs()).not.toMatch(/wrong-password|proxy-password/)
    await api.ok('DELETE', `/api/accounts/${behind.id}`)
    await proxy.close()
  })
})
