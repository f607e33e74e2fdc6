import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../../helpers/http'
import { isComplete, textIn, tokensOf } from '../../helpers/frames'
import { openStream, readStream } from '../../helpers/sse'
import { startUpstream, type Upstream } from '../../helpers/upstream'
import { answer, richAnswer, safeguardVerdicts } from '../../../demo/upstream/answer'
import { empty200, encoded, html200, ok, status } from '../../helpers/upstream/behaviours'
import { brokenJson, cutAt, endAt, errorAt, silentAt } from '../../helpers/upstream/faults'
import { chopped, createPace, huge, paced } from '../../helpers/upstream/paced'

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(async () => {
  await upstream.close()
})

const ask = (more: Record<string, unknown> = {}) => ({
  url: `${upstream.url}/v1/messages?beta=true`,
  headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
  body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], stream: true, ...more }),
})

describe('the scripted upstream', () => {
  it('streams a whole answer that the strict reader accepts', async () => {
    upstream.script(() => ok(richAnswer()))
    const stream = await readStream(ask())
    expect(stream.violations).toEqual([])
    expect(stream.complete()).toBe(true)
    expect(stream.headers['request-id']).toMatch(/^req_/)
    expect(textIn(stream.frames)).toBe('Grüße, 世界 👋🏽 — done.')
    expect(tokensOf(stream.frames)).toEqual({
      inputTokens: 21, outputTokens: 13, cacheReadTokens: 1700, cacheWrite5mTokens: 110, cacheWrite1hTokens: 57,
    })
    const recorded = await upstream.request(0)
    expect(Buffer.concat(recorded.sent)).toEqual(stream.raw())
    expect(recorded).toMatchObject({ path: '/v1/messages', query: '?beta=true', finished: true, aborted: false })
  })

  it('is understood by the SDK: stream, JSON, count_tokens, errors', async () => {
    const sdk = new Anthropic({ baseURL: upstream.url, apiKey: 'k', maxRetries: 0 })
    const params = { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] }
    upstream.script(() => ok(richAnswer()))
    const streamed = await sdk.messages.stream(params).finalMessage()
    expect(streamed.content.map(block => block.type)).toEqual(['thinking', 'text', 'tool_use'])
    expect(streamed.stop_reason).toBe('tool_use')
    expect(streamed.usage.cache_creation?.ephemeral_1h_input_tokens).toBe(57)
    const whole = await sdk.messages.create(params)
    expect(whole.content).toHaveLength(3)
    expect((await sdk.messages.countTokens(params)).input_tokens).toBe(4321)
    upstream.script(() => status(429, { headers: { 'retry-after': '7' } }))
    await expect(sdk.messages.create(params)).rejects.toMatchObject({ status: 429, error: { error: { type: 'rate_limit_error' } } })
  })

  it.each(['nothing', 'message_start', 'in_block', 'after_block', 'message_delta', 'in_frame'] as const)('breaks and ends at %s', async (point) => {
    upstream.queue(cutAt(point), endAt(point))
    const cut = await readStream(ask())
    expect(cut.state).toBe('cut')
    const ended = await readStream(ask())
    expect(ended.state).toBe('clean')
    expect(ended.complete()).toBe(false)
    expect(cut.raw().length).toBe(ended.raw().length)
    expect(ended.violations.length).toBe(point === 'in_frame' ? 1 : 0)
    expect(upstream.requests.map(request => request.aborted)).toEqual([false, false])
  })

  it('notes a client that left', async () => {
    upstream.script(() => silentAt('in_block'))
    const stream = await openStream(ask())
    await stream.until(seen => seen.frames.length >= 3, 'the first delta')
    stream.abort()
    await upstream.until(() => upstream.requests[0]?.aborted === true, 'the abort')
  })

  it('lets frames go one by one', async () => {
    const pace = createPace()
    upstream.script(() => paced(pace))
    const stream = await openStream(ask())
    pace.allow(2)
    await stream.until(seen => seen.frames.length === 2, 'two frames')
    pace.allow(Infinity)
    expect((await stream.done).complete()).toBe(true)
  })

  it('puts every byte of a chopped stream in its place', async () => {
    upstream.script(() => chopped(3, richAnswer()))
    const stream = await readStream(ask())
    expect(stream.complete()).toBe(true)
    expect(textIn(stream.frames)).toContain('👋🏽')
  })

  it('answers with errors, wrong content, encodings and verdicts', async () => {
    upstream.queue(errorAt('nothing'), brokenJson(), html200(), empty200(), encoded('gzip'))
    expect((await readStream(ask())).events()).toEqual(['error'])
    expect((await readStream(ask())).violations).toHaveLength(1)
    expect((await send(ask())).headers['content-type']).toContain('text/html')
    expect((await send(ask())).body).toHaveLength(0)
    expect((await send(ask({ stream: false }))).headers['content-encoding']).toBe('gzip')
    const rich = richAnswer()
    upstream.queue(ok({ ...rich, safeguards: safeguardVerdicts(rich.blocks, 'flagged') }))
    const delta = (await readStream(ask())).frames.find(frame => frame.event === 'message_delta')
    expect(JSON.stringify(delta?.data)).toContain('"outcome":"flagged"')
  })

  it('sends much without keeping it', async () => {
    const progress = { sent: 0 }
    upstream.script(() => huge(5_000_000, progress))
    const stream = await readStream(ask())
    expect(isComplete(stream.frames)).toBe(true)
    expect(stream.raw().length).toBe(progress.sent)
    expect(answer().id).not.toBe(answer().id)
  })
})
