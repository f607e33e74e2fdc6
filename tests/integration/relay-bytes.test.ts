import { gzipSync } from 'node:zlib'
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { readStream } from '../helpers/sse'
import { textIn } from '../helpers/frames'
import { richAnswer } from '../../demo/upstream/answer'
import { encoded, ok } from '../helpers/upstream/behaviours'
import { chopped } from '../helpers/upstream/paced'

let relay: Relay
beforeAll(async () => {
  relay = await startRelay()
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

const arrived = async () => (await relay.upstream.request(-1)).body

describe('the request body arrives byte for byte', () => {
  it.each([
    ['unknown fields', '{"model":"m","messages":[],"safeguards":[{"type":"x","y":{"z":[1,null]}}],"thread":{"id":"t"},"stream":true}'],
    ['blanks, tabs, line ends', '\r\n {\t"stream" :\n true , "model":\t"claude-opus-5-5"\r\n,"messages":[ ] }\n\n '],
    ['an unusual order of keys', '{"stream":true,"zz":1,"messages":[{"content":"x","role":"user"}],"aa":2,"max_tokens":1,"model":"m"}'],
    ['a key twice', '{"model":"first","stream":true,"x":1,"x":2,"messages":[]}'],
    ['escapes and characters of all widths', '{"model":"m","stream":true,"messages":[{"role":"user","content":"\\u00e9 é \\ud83d\\ude00 😀 \\/ / \\u0000 世界 \u2028"}]}'],
    ['numbers beyond double precision', '{"model":"m","stream":true,"seed":12345678901234567890123,"f":1.10,"e":1E400,"n":-0.0}'],
    ['model and stream deep inside other values', '{"messages":[{"model":"no","stream":false}],"a":"\\"model\\":\\"no\\"","model":"claude-opus-5-5","stream":true}'],
    ['a role:"system" message', '{"model":"m","system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2;"}],"messages":[{"role":"system","content":"s"}],"stream":true}'],
  ])('with %s', async (_, body) => {
    expect((await readStream(relay.ask(body))).complete()).toBe(true)
    expect((await arrived()).toString()).toBe(body)
  })

  it('of 20 MB', async () => {
    const body = Buffer.from(`{"model":"m","stream":true,"messages":[{"role":"user","content":"${randomBytes(15_000_000).toString('base64')}é"}] }`)
    expect(body.length).toBeGreaterThan(20_000_000)
    expect((await readStream(relay.ask(body))).complete()).toBe(true)
    expect((await relay.upstream.request(-1)).sha256).toBe(createHash('sha256').update(body).digest('hex'))
  })

  it('sent in chunks that fall inside characters', async () => {
    const body = Buffer.from('{"model":"m","stream":true,"messages":[{"role":"user","content":"世界👋🏽"}]}')
    const pieces = Array.from({ length: Math.ceil(body.length / 7) }, (_, at) => body.subarray(at * 7, at * 7 + 7))
    expect((await readStream({ ...relay.ask(), body: pieces })).complete()).toBe(true)
    expect(await arrived()).toEqual(body)
  })

  it('sent compressed', async () => {
    const body = gzipSync('{"model":"claude-opus-5-5","messages":[]}')
    const answer = await send(relay.ask(body, { 'content-encoding': 'gzip' }))
    const request = await relay.upstream.request(-1)
    expect(answer.status).toBe(200)
    expect(request.body).toEqual(body)
    expect(request.headers['content-encoding']).toBe('gzip')
  })

  it.each(['?beta=true', '?beta=true&x=%2F%20+%E4%B8%96&&=', ''])('and the query %j is kept', async (query) => {
    const { url, ...rest } = relay.ask()
    await readStream({ url: url + query, ...rest })
    expect((await relay.upstream.request(-1)).query).toBe(query)
  })
})

describe('the answer comes back byte for byte', () => {
  it.each([1, 2, 3, 5, 17, 64, 1000])('as a stream in pieces of %i bytes', async (size) => {
    relay.upstream.script(() => chopped(size, richAnswer()))
    const stream = await readStream(relay.ask())
    expect(stream.complete()).toBe(true)
    expect(stream.raw()).toEqual(Buffer.concat((await relay.upstream.request(-1)).sent))
    expect(textIn(stream.frames)).toBe('Grüße, 世界 👋🏽 — done.')
  })

  it('with events, fields, comments and deltas that nobody knows', async () => {
    const text = ': a comment\n\nevent: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":5,"output_tokens":1,"new":{"a":1}}},"more":true}\n\n'
      + 'event: from_the_future\ndata: {"type":"from_the_future","x":[1,  2]}\n\n'
      + 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","safeguard_results":[{"type":"dangerous_tool_use"}]},"usage":{"output_tokens":7},"context_management":{"applied_edits":[]}}\n\n'
      + 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    relay.upstream.script(() => async ({ res, write }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      await write(text)
      res.end()
    })
    expect((await readStream(relay.ask())).raw().toString()).toBe(text)
  })

  it('with CRLF line ends', async () => {
    const text = ['event: message_start', 'data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":5,"output_tokens":1}}}', '',
      'event: message_delta', 'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":77}}', '',
      'event: message_stop', 'data: {"type":"message_stop"}', '', ''].join('\r\n')
    relay.upstream.script(() => async ({ res, write }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      await write(text)
      res.end()
    })
    const answer = await send(relay.ask())
    expect(answer.text).toBe(text)
    expect(await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))).toMatchObject({ outcome: 'ok', outputTokens: 77 })
  })

  it('as JSON', async () => {
    relay.upstream.script(() => ok(richAnswer()))
    const answer = await send(relay.ask({ stream: false }))
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toContain('application/json')
    expect(answer.body).toEqual(Buffer.concat((await relay.upstream.request(-1)).sent))
  })

  it.each(['gzip', 'deflate', 'br'] as const)('decoded when the upstream sent %s unasked', async (encoding) => {
    for (const stream of [true, false]) {
      relay.upstream.script(() => encoded(encoding, richAnswer()))
      const answer = await send(relay.ask({ stream }))
      const request = await relay.upstream.request(-1)
      expect(answer.headers['content-encoding']).toBeUndefined()
      expect(answer.body).toEqual(Buffer.concat(request.sent))
      expect(answer.complete).toBe(true)
      const row = await relay.api.waitForLog(String(answer.headers['x-relay-request-id']))
      expect(row).toMatchObject({ outcome: 'ok', inputTokens: 21, outputTokens: 13, cacheWrite1hTokens: 57 })
    }
  })
})
