import { describe, expect, it } from 'vitest'
import { frames, overloaded, ping, setUpDelivery, streamHead } from '../../helpers/delivery'
import { answer, answerJson } from '../../../demo/upstream/answer'

const whole = frames.join('')
const errorBody = '{"type":"error","error":{"type":"overloaded_error","message":"Überlastet"}}'

describe('before a sound first event', () => {
  it('leading pings and comments are no answer, and go out with it', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(`: hello\n\n${ping}`)
    send(ping)
    expect([delivery.committed, res.headersSent]).toEqual([false, false])
    send(whole)
    delivery.end()
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(res.text()).toBe(`: hello\n\n${ping}${ping}${whole}`)
  })

  it('nothing but pings fails, and the client has seen nothing', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(ping)
    delivery.end()
    expect(await delivery.ended).toMatchObject({ kind: 'failed', rejection: null })
    expect(res.headersSent).toBe(false)
  })

  it.each([['at once', ''], ['after a ping', ping]])('an error %s fails as the error answer it stands for, without waiting for the connection\'s end', async (_, before) => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send, source } = upstream()
    delivery.head(200, streamHead, false)
    send(before + overloaded)
    const end = await delivery.ended
    expect(end).toMatchObject({ kind: 'failed', reason: 'overloaded_error', rejection: { status: 529, error: { type: 'overloaded_error', message: 'Overloaded' } } })
    expect(end.kind === 'failed' && JSON.parse(end.rejection!.body.toString())).toEqual({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    expect([res.headersSent, source.aborted === null]).toEqual([false, false])
  })

  it.each([
    ['an empty answer', ['content-type', 'text/event-stream'], '', 'empty'],
    ['a page of HTML', ['content-type', 'text/html'], '<!DOCTYPE html><html></html>', 'not_a_message'],
    ['JSON instead of a stream', ['content-type', 'application/json'], JSON.stringify(answerJson(answer())), 'not_a_stream'],
  ])('%s with status 200 fails', async (_, headers, body, reason) => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, headers, false)
    if (body) send(body)
    delivery.end()
    expect(await delivery.ended).toMatchObject({ kind: 'failed', reason })
    expect(res.headersSent).toBe(false)
  })

  it('an error answer is kept whole for whoever decides', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery } = upstream()
    const body = Buffer.from(errorBody)
    delivery.head(529, ['content-type', 'application/json', 'retry-after', '7'], false)
    for (const byte of body) delivery.data(Buffer.from([byte]))
    delivery.end()
    const end = await delivery.ended
    expect(end).toMatchObject({ kind: 'rejected', rejection: { status: 529, rawHeaders: ['content-type', 'application/json', 'retry-after', '7'], error: { type: 'overloaded_error', message: 'Überlastet' } } })
    expect(end.kind === 'rejected' && end.rejection.body.equals(body)).toBe(true)
    expect(res.headersSent).toBe(false)
  })

  it('a head that went out early is followed by the next account\'s frames', async () => {
    const { res, upstream, pass } = setUpDelivery()
    const first = upstream()
    pass(2_500, first.delivery)
    expect(res.headersSent).toBe(false)
    pass(1_000, first.delivery)
    expect([res.statusCode, res.text()]).toEqual([200, ping])
    first.delivery.error(new Error('reset'))
    expect(await first.delivery.ended).toMatchObject({ kind: 'failed', reason: 'network' })
    const second = upstream()
    second.delivery.head(200, streamHead, false)
    second.send(whole)
    second.delivery.end()
    expect(await second.delivery.ended).toEqual({ kind: 'complete' })
    expect(res.text()).toBe(ping + whole)
  })
})

describe('a stream that began', () => {
  it('tells of its end before the bytes with the stop reason are written', async () => {
    const { res, steps, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    const at = frames.findIndex(frame => frame.startsWith('event: message_delta'))
    delivery.head(200, streamHead, false)
    frames.forEach(send)
    delivery.end()
    await delivery.ended
    expect(steps).toEqual(['started', 'first byte', `final end_turn, client has ${frames.slice(0, at).join('').length} bytes, head true`])
    expect(res.text()).toBe(whole)
  })

  it('is never complete without message_stop, however orderly it ends', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(frames.slice(0, -1).join(''))
    delivery.end()
    expect(await delivery.ended).toMatchObject({ kind: 'truncated' })
    expect(res.written.at(-1)).toMatch(/^event: error\n/)
  })

  it('is complete with message_stop, also when the connection then breaks', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(whole)
    delivery.error(new Error('other side closed'))
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect([res.text(), res.writableEnded]).toEqual([whole, true])
  })

  it('ends with the upstream\'s own error event as it came', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(frames[0]! + overloaded)
    delivery.end()
    expect(await delivery.ended).toEqual({ kind: 'broken_off', error: { type: 'overloaded_error', message: 'Overloaded' } })
    expect(res.text()).toBe(frames[0] + overloaded)
  })

  it('is cut off, not ended, inside a frame', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(`${frames[0]}event: content_block_delta\ndata: ${'x'.repeat(1_100_000)}`)
    delivery.error(new Error('reset'))
    expect(await delivery.ended).toMatchObject({ kind: 'truncated' })
    expect([res.destroyed, res.writableEnded]).toEqual([true, false])
  })
})

describe('an answer in one piece', () => {
  const json = (size: number) => JSON.stringify(answerJson(answer({ blocks: [{ type: 'text', text: 'x'.repeat(size) }] })))
  const begin = (size: number) => {
    const all = setUpDelivery(false)
    const one = all.upstream()
    const text = json(size)
    one.delivery.head(200, ['content-type', 'application/json'], false)
    const sendPieces = (end: number): void => {
      for (let at = 0; at < end; at += 65_536) one.send(text.slice(at, Math.min(end, at + 65_536)))
    }
    return { ...all, ...one, text, sendPieces }
  }

  it('tells of its end before a byte is written', async () => {
    const { delivery, res, steps, text, sendPieces } = begin(1_000)
    sendPieces(text.length)
    expect(res.headersSent).toBe(false)
    delivery.end()
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(steps).toEqual(['final end_turn, client has 0 bytes, head false', 'first byte'])
    expect(res.text()).toBe(text)
  })

  it.each(['end', 'error'] as const)('that breaks before 1 MiB fails and leaves the client untouched (%s)', async (how) => {
    const { delivery, res, text, sendPieces } = begin(900_000)
    sendPieces(text.length - 10)
    if (how === 'end') delivery.end()
    else delivery.error(new Error('reset'))
    expect(await delivery.ended).toMatchObject({ kind: 'failed' })
    expect(res.headersSent).toBe(false)
  })

  it.each(['end', 'error'] as const)('that breaks after 1 MiB is cut off (%s)', async (how) => {
    const { delivery, res, text, sendPieces } = begin(3_000_000)
    sendPieces(text.length - 10)
    expect(res.headersSent).toBe(true)
    if (how === 'end') delivery.end()
    else delivery.error(new Error('reset'))
    expect(await delivery.ended).toMatchObject({ kind: 'truncated', error: { code: 'upstream_truncated' } })
    expect([res.destroyed, res.writableEnded]).toEqual([true, false])
  })

  it('over 1 MiB arrives whole', async () => {
    const { delivery, res, text, sendPieces } = begin(3_000_000)
    sendPieces(text.length)
    delivery.end()
    expect(await delivery.ended).toEqual({ kind: 'complete' })
    expect(res.text()).toBe(text)
  })
})
