import { describe, expect, it } from 'vitest'
import { converting } from '#server/relay/convert'
import { RelayError } from '#server/relay/errors'
import { call, chatStream, converterFor, delta, finish, usage } from '../../helpers/chat'
import { setUpDelivery, streamHead } from '../../helpers/delivery'
import { readMessage } from '../../helpers/grammar'

const chat = [delta({ role: 'assistant', content: '' }), delta({ content: 'Hello' }), finish('stop'), usage()]

function begin(stream = true) {
  const all = setUpDelivery(stream)
  const answer = converterFor(stream)
  const one = all.upstream(inner => ({
    push: bytes => inner.push(bytes),
    get seen() {
      return inner.seen
    },
    end: () => answer.complete(inner.end()),
  }))
  const listener = converting(one.delivery, answer)
  one.source.listener = listener
  return { ...all, ...one, listener, say: (text: string) => listener.data(Buffer.from(text)) }
}

describe('a converted answer', () => {
  it('is judged, journalled and delivered like any other: its end is told before the bytes that carry it', async () => {
    const { listener, delivery, say, res, steps } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat))
    listener.end()
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(readMessage(res.text())).toMatchObject({ complete: true, model: 'claude-sonnet-5-5', stopReason: 'end_turn', content: [{ text: 'Hello' }] })
    expect(steps).toEqual(['started', 'final end_turn, client has 0 bytes, head false', 'first byte'])
    expect(delivery.reading).toMatchObject({ complete: true, servedModel: 'served-model', usage: { inputTokens: 100, outputTokens: 20 } })
  })

  it('a chunk that only names the role is no answer yet: another account can still take over', async () => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 1), { done: false }))
    expect([delivery.committed, res.headersSent]).toEqual([false, false])
    listener.error(new Error('reset'))
    expect(await delivery.ended).toMatchObject({ kind: 'failed', reason: 'network' })
  })

  it.each([[true, 'failed'], [false, 'failed']])('an error at once fails as the error answer it stands for (stream %s)', async (stream, kind) => {
    const { listener, delivery, say, res } = begin(stream)
    listener.head(200, streamHead, false)
    say('data: {"error":{"message":"Busy","type":"server_overloaded"}}\n\n')
    listener.end()
    expect(await delivery.ended).toMatchObject({ kind, reason: 'overloaded_error', rejection: { status: 529, error: { type: 'overloaded_error', message: 'Busy' } } })
    expect(res.headersSent).toBe(false)
  })

  it('an error in its middle ends it with an error event', async () => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 2), { done: false }))
    say('data: {"error":{"message":"Broke","type":"server_error"}}\n\n')
    listener.end()
    expect(await delivery.ended).toMatchObject({ kind: 'broken_off', error: { type: 'api_error', message: 'Broke' } })
    expect(readMessage(res.text())).toMatchObject({ complete: false, error: { message: 'Broke' } })
  })

  it.each(['end', 'error'] as const)('that stops before its finish is truncated, never complete (%s)', async (how) => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 2), { done: how === 'end' }))
    if (how === 'end') listener.end()
    else listener.error(new Error('reset'))
    expect(await delivery.ended).toMatchObject({ kind: 'truncated' })
    expect(readMessage(res.text())).toMatchObject({ complete: false, error: { type: 'api_error' } })
    expect(delivery.reading).toMatchObject({ complete: false, usage: { outputTokens: 2 } })
  })

  it('that has said why it ends loses only its usage when the connection breaks', async () => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 3), { done: false }))
    listener.error(new RelayError('upstream_timeout', 'late'))
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(readMessage(res.text())).toMatchObject({ complete: true, stopReason: 'end_turn' })
    expect(delivery.reading).toMatchObject({ complete: false })
  })

  it('is cut off at the upstream when it turns out to be none', async () => {
    const { listener, delivery, say, source, res } = begin()
    listener.head(200, ['content-type', 'text/html'], false)
    say('<html></html>')
    listener.end()
    expect(await delivery.ended).toMatchObject({ kind: 'failed', reason: 'not_a_message' })
    expect([source.aborted?.message, res.headersSent]).toEqual(['The answer is not a chat completion. Check the base URL.', false])
  })

  it('a broken event after the beginning tells the client', async () => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 2), { done: false }))
    say('data: {{{\n\n')
    expect(await delivery.ended).toMatchObject({ kind: 'truncated' })
    expect(readMessage(res.text()).error).not.toBeNull()
  })

  it('an error answer reaches whoever judges in the upstream\'s words, and the client in Anthropic\'s', async () => {
    const { listener, delivery, say } = begin()
    listener.head(429, ['content-type', 'application/json', 'retry-after', '7'], false)
    say('{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}}')
    listener.end()
    const end = await delivery.ended
    expect(end).toMatchObject({ kind: 'rejected', rejection: { status: 429, rawHeaders: ['retry-after', '7', 'content-type', 'application/json'], error: { type: 'rate_limit_error', message: 'You exceeded your quota', said: 'insufficient_quota: insufficient_quota: You exceeded your quota' } } })
    expect(end.kind === 'rejected' && end.rejection.body.toString()).toBe('{"type":"error","error":{"type":"rate_limit_error","message":"You exceeded your quota"}}')
  })

  it('a client that left is no upstream that failed, and what was written so far is known', async () => {
    const { listener, delivery, say, res } = begin()
    listener.head(200, streamHead, false)
    say(chatStream(chat.slice(0, 2), { done: false }))
    res.destroy()
    expect(await delivery.ended).toEqual({ kind: 'client_closed' })
    expect(delivery.reading?.usage).toMatchObject({ outputTokens: 2 })
  })

  it('chunks from which nothing follows yet are not silence', async () => {
    const { listener, delivery, say, source, pass } = begin(false)
    listener.head(200, streamHead, false)
    for (let n = 0; n < 5; n++) {
      say(chatStream([delta({ tool_calls: [call(0, { id: 'a', name: 'f', args: '' })] })], { done: false }))
      pass(15_000, delivery)
    }
    expect(source.aborted).toBeNull()
    pass(10_000, delivery)
    expect(source.aborted).not.toBeNull()
  })

  it('a stream reaches a client that asked for none as one message', async () => {
    const { listener, delivery, say, res, steps } = begin(false)
    listener.head(200, streamHead, false)
    say(chatStream(chat))
    expect(res.headersSent).toBe(false)
    listener.end()
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(JSON.parse(res.text())).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'Hello' }], usage: { input_tokens: 100 } })
    expect(res.headers).toContain('application/json')
    expect(steps[0]).toMatch(/^final end_turn, client has 0 bytes/)
  })
})
