import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rawValues, send } from '../helpers/http'
import { smallBody, startRelay, upstreamSecret, type Relay } from '../helpers/relay'
import { ok, rateLimitHeaders } from '../helpers/upstream/behaviours'

let relay: Relay
beforeAll(async () => {
  relay = await startRelay({ TRUSTED_PROXIES: '127.0.0.1/32' })
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

async function sendWith(headers: string[]) {
  const answer = await send({ url: `${relay.server.relay}/v1/messages?beta=true`, headers, body: smallBody() })
  return { answer, arrived: (await relay.upstream.request(-1)).rawHeaders }
}

const kept = [
  'Accept', 'application/json',
  'Content-Type', 'application/json; charset=utf-8',
  'User-Agent', 'claude-cli/2.1.330 (external, sdk-cli)',
  'X-Claude-Code-Session-Id', 'b0c4f5f0-2d5e-4f0e-9a4a-0c1d2e3f4a5b',
  'X-Claude-Code-Agent-Id', '0123456789abcdef0',
  'X-Stainless-Arch', 'x64',
  'X-Stainless-Retry-Count', '0',
  'X-Stainless-Timeout', '600',
  'anthropic-beta', 'claude-code-20250219,never-heard-of-2031-01-01',
  'anthropic-dangerous-direct-browser-access', 'true',
  'anthropic-version', '2026-10-21',
  'x-app', 'cli',
  'x-SoMeThInG-Unknown', 'a  b; c="d", e',
]

describe('what goes to the upstream', () => {
  it('is every header of the client, spelled as it was, in its order', async () => {
    const { arrived } = await sendWith([...kept, 'Authorization', `Bearer ${relay.key.key}`])
    const names = kept.filter((_, at) => at % 2 === 0)
    expect(arrived.filter((_, at) => at % 2 === 0).filter(name => names.includes(name))).toEqual(names)
    for (const name of names) expect(rawValues(arrived, name)).toEqual(rawValues(kept, name))
  })

  it('keeps a header that came twice', async () => {
    const { arrived } = await sendWith(['anthropic-beta', 'one', 'anthropic-beta', 'two', 'x-api-key', relay.key.key])
    expect(rawValues(arrived, 'anthropic-beta').join(',')).toBe('one,two')
  })

  it('holds the account\'s credentials and nothing of the key', async () => {
    const { arrived } = await sendWith([...kept, 'Authorization', `Bearer ${relay.key.key}`, 'x-api-key', relay.key.key, 'x-goog-api-key', relay.key.key, 'api-key', relay.key.key])
    expect(JSON.stringify(arrived)).not.toContain(relay.key.key)
    expect(rawValues(arrived, 'x-api-key').length + rawValues(arrived, 'authorization').length).toBe(1)
    expect([...rawValues(arrived, 'x-api-key'), ...rawValues(arrived, 'authorization')].join()).toContain(upstreamSecret)
  })

  it.each([
    ['Cookie', 'session=secret'], ['X-Forwarded-For', '203.0.113.7'], ['X-Forwarded-Host', 'relay.example'], ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'for=203.0.113.7'], ['X-Real-IP', '203.0.113.7'], ['CF-Connecting-IP', '203.0.113.7'], ['Via', '1.1 proxy'],
    ['Proxy-Authorization', 'Basic c2VjcmV0'], ['TE', 'trailers'], ['Keep-Alive', 'timeout=5'],
  ])('leaves %s out', async (name, value) => {
    const { answer, arrived } = await sendWith(['x-api-key', relay.key.key, name, value])
    expect(answer.status).toBe(200)
    expect(rawValues(arrived, name)).toEqual([])
  })

  it('leaves out what the Connection header names', async () => {
    const { arrived } = await sendWith(['x-api-key', relay.key.key, 'Connection', 'close, X-One-Hop', 'X-One-Hop', 'secret', 'X-Stays', 'yes'])
    expect(rawValues(arrived, 'x-one-hop')).toEqual([])
    expect(rawValues(arrived, 'x-stays')).toEqual(['yes'])
  })

  it('asks for an answer without encoding, at the upstream\'s own host', async () => {
    const { arrived } = await sendWith(['x-api-key', relay.key.key, 'Accept-Encoding', 'gzip, deflate, br, zstd'])
    expect(rawValues(arrived, 'accept-encoding')).toEqual(['identity'])
    expect(rawValues(arrived, 'host')).toEqual([`127.0.0.1:${relay.upstream.port}`])
    expect(rawValues(arrived, 'content-length')).toEqual([String(smallBody().length)])
  })
})

describe('what goes to the client', () => {
  it('is every header of the upstream but the account\'s', async () => {
    relay.upstream.script(() => ok({}, { 'x-brand-new': 'as, it is', 'request-id': 'req_from_upstream', 'anthropic-processing': 'x', 'anthropic-ratelimit-something-new': '1' }))
    const { answer } = await sendWith(['x-api-key', relay.key.key])
    expect(answer.headers).toMatchObject({ 'x-brand-new': 'as, it is', 'request-id': 'req_from_upstream', 'anthropic-processing': 'x' })
    expect(answer.headers['content-type']).toContain('text/event-stream')
    for (const name of [...Object.keys(rateLimitHeaders), 'anthropic-ratelimit-something-new', 'set-cookie', 'via', 'strict-transport-security', 'cf-cache-status']) {
      expect(answer.headers[name]).toBeUndefined()
    }
  })

  it('names our own request id beside the upstream\'s, and both find the row', async () => {
    relay.upstream.script(() => ok({}, { 'request-id': 'req_upstream_1' }))
    const { answer } = await sendWith(['x-api-key', relay.key.key])
    const ours = String(answer.headers['x-relay-request-id'])
    expect(ours).toMatch(/^req_/)
    expect(ours).not.toBe('req_upstream_1')
    expect(await relay.api.waitForLog(ours)).toMatchObject({ requestId: ours, upstreamRequestId: 'req_upstream_1' })
    expect((await relay.api.listLogs({ requestId: 'req_upstream_1' })).map(row => row.requestId)).toEqual([ours])
  })

  it('names our id as request-id when the upstream gave none', async () => {
    relay.upstream.script(() => async ({ res }) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end('{"type":"message","usage":{"input_tokens":1,"output_tokens":1},"stop_reason":"end_turn"}')
    })
    const { answer } = await sendWith(['x-api-key', relay.key.key])
    expect(answer.headers['request-id']).toBe(answer.headers['x-relay-request-id'])
  })

  it('takes no request id from the client', async () => {
    const { answer } = await sendWith(['x-api-key', relay.key.key, 'x-relay-request-id', 'req_mine', 'x-request-id', 'mine'])
    expect(answer.headers['x-relay-request-id']).not.toBe('req_mine')
  })
})

it('neither the key nor the account\'s secret nor a body is in the server\'s log', async () => {
  const { answer } = await sendWith(['x-api-key', relay.key.key])
  await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))
  expect(relay.server.logs()).not.toContain(relay.key.key)
  expect(relay.server.logs()).not.toContain(upstreamSecret)
  expect(relay.server.logs()).not.toContain('max_tokens')
  const lines = relay.server.logLines().filter(line => line.requestId === answer.headers['x-relay-request-id'])
  expect(lines).toHaveLength(1)
})
