import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { openStream, readStream, type SeenStream } from '../helpers/sse'
import { after, errorBody, status } from '../helpers/upstream/behaviours'
import { brokenJson, cutAt, endAt, errorAt, reset, silentAt } from '../helpers/upstream/faults'
import { gate } from '../helpers/upstream/paced'

const ourPing = 'event: ping\ndata: {"type": "ping"}\n\n'
const pings = (stream: SeenStream) => stream.frames.filter(frame => frame.text === ourPing).length
const rowOf = (relay: Relay, { headers }: Pick<SeenStream, 'headers'>) => relay.api.waitForLog(String(headers['x-relay-request-id']))

let relay: Relay
beforeAll(async () => {
  relay = await startRelay({ PING_INTERVAL_MS: '60', EARLY_COMMIT_MS: '0' })
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

describe('while the upstream is silent', () => {
  it('pings go out between whole frames, and the answer is whole without them', async () => {
    const wait = gate()
    relay.upstream.script(() => silentAt('in_frame', { gate: wait.opened }))
    const stream = await openStream(relay.ask())
    await stream.until(seen => pings(seen) >= 4, 'four pings')
    wait.open()
    await stream.done
    expect(stream.complete()).toBe(true)
    expect(stream.raw().toString().replaceAll(ourPing, '')).toBe(Buffer.concat((await relay.upstream.request(-1)).sent).toString())
  })

  it('no ping goes out before the upstream\'s first event', async () => {
    const wait = gate()
    relay.upstream.script(() => after(wait.opened, status(529)))
    const answer = send(relay.ask())
    await relay.upstream.request(0)
    wait.open()
    expect((await answer).status).toBe(529)
  })

  it('a JSON answer gets none', async () => {
    const wait = gate()
    relay.upstream.script(() => async ({ res, write }) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      await write('{"type":"message",')
      await wait.opened
      await write('"usage":{"input_tokens":3,"output_tokens":4},"stop_reason":"end_turn"}')
      res.end()
    })
    const streamed = openStream(relay.ask({ model: 'a-streaming-neighbour' }))
    const answer = send(relay.ask({ stream: false }))
    await relay.upstream.until(() => relay.upstream.requests.length === 2, 'both requests')
    wait.open()
    expect((await answer).json()).toMatchObject({ type: 'message' })
    await (await streamed).done
  })
})

describe('an answer that ends too early is never passed off as complete', () => {
  it.each(['message_start', 'in_block', 'in_frame', 'after_block', 'message_delta'] as const)('when it is cut or ends in good order at %s', async (point) => {
    for (const behaviour of [cutAt(point), endAt(point)]) {
      relay.upstream.script(() => behaviour)
      const stream = await readStream(relay.ask())
      expect(stream.status).toBe(200)
      expect(stream.complete()).toBe(false)
      expect(stream.violations).toEqual([])
      expect(stream.events().at(-1)).toBe('error')
      expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'error', error: { type: 'api_error' }, request_id: stream.headers['x-relay-request-id'] })
      const row = await rowOf(relay, stream)
      expect(row).toMatchObject({ outcome: 'truncated', inputTokens: 21, cacheReadTokens: 1700, usageComplete: point === 'message_delta' })
      expect(row.outputTokens).toBe(point === 'message_delta' ? 13 : 1)
    }
  })

  it.each([['before its headers', cutAt('headers')], ['by a reset', reset()], ['without a byte of body', cutAt('nothing')]])('when the connection ends %s', async (_, behaviour) => {
    relay.upstream.script(() => behaviour)
    const answer = await send(relay.ask())
    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.json()).toMatchObject({ type: 'error', error: { type: expect.stringMatching(/_error$/) as string }, request_id: answer.headers['x-relay-request-id'] })
    expect(await rowOf(relay, answer)).toMatchObject({ outcome: 'upstream_error', status: answer.status, inputTokens: 0 })
  })

  it.each([['its first piece', 1, 'upstream_error'], ['more pieces than are held', 60, 'truncated']])('when a JSON answer is cut after %s', async (_, pieces, outcome) => {
    relay.upstream.script(() => async ({ res, write, cut }) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000000' })
      for (let piece = 0; piece < pieces; piece++) {
        await write(piece ? 'x'.repeat(20_000) : '{"type":"message","content":[{"type":"text","text":"half')
        await new Promise<void>(resolve => res.socket?.write('', () => resolve()))
      }
      cut()
    })
    const model = `cut-json-${pieces}`
    const answer = await send(relay.ask({ stream: false, model })).catch((error: unknown) => error as Error)
    if (!(answer instanceof Error)) expect(answer.complete && answer.status < 500).toBe(false)
    const [row] = await relay.api.waitForLogs(1, { model })
    expect(row).toMatchObject({ outcome, usageComplete: false, stream: false })
  })
})

describe('what an upstream says of itself', () => {
  it.each([400, 404, 413, 422, 500, 529])('status %i goes out unmodified', async (code) => {
    const body = `{ "type":"error", "error":{"type":"some_error","message":"Says ${code} \\u00fc","details":{"error_code":"x"}},\n"request_id":"req_up" }`
    relay.upstream.script(() => status(code, { body, headers: { 'request-id': 'req_up', 'retry-after': '17', 'x-should-retry': 'true' } }))
    const answer = await send(relay.ask())
    expect(answer.status).toBe(code)
    expect(answer.text).toBe(body)
    expect(answer.headers).toMatchObject({ 'request-id': 'req_up', 'retry-after': '17', 'x-should-retry': 'true', 'content-type': 'application/json' })
    const row = await rowOf(relay, answer)
    expect(row).toMatchObject({ outcome: 'upstream_error', status: code, upstreamRequestId: 'req_up', inputTokens: 0, costNano: 0, accountId: relay.account.id })
    expect(row.attempts).toHaveLength(1)
  })

  it('a page of HTML with status 502 goes out unmodified', async () => {
    relay.upstream.script(() => status(502, { body: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } }))
    const answer = await send(relay.ask())
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([502, '<html>Bad Gateway</html>', 'text/html'])
  })

  it('an error event in mid-stream goes out as it is, and no second one is added', async () => {
    relay.upstream.script(() => errorAt('in_block', 'overloaded_error', 'Overloaded'))
    const stream = await readStream(relay.ask())
    expect(stream.raw()).toEqual(Buffer.concat((await relay.upstream.request(-1)).sent))
    expect(stream.events().filter(event => event === 'error')).toHaveLength(1)
    expect(await rowOf(relay, stream)).toMatchObject({ outcome: 'upstream_error', errorType: 'overloaded_error', inputTokens: 21 })
  })

  it('broken JSON in a frame is the client\'s to judge; the rest is counted', async () => {
    relay.upstream.script(() => brokenJson())
    const stream = await readStream(relay.ask())
    expect(stream.raw()).toEqual(Buffer.concat((await relay.upstream.request(-1)).sent))
    expect(await rowOf(relay, stream)).toMatchObject({ outcome: 'ok', outputTokens: 13 })
  })

  it('an error body without type keeps its words', async () => {
    const body = JSON.stringify(errorBody('overloaded_error', 'Overloaded', 'req_x'))
    relay.upstream.script(() => status(529, { body }))
    expect((await send(relay.ask({ stream: false }))).text).toBe(body)
  })
})
