import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { claudeRequest } from '#server/platforms/claude/request'
import { consoleRequest } from '#server/platforms/claude_console/request'
import { peek } from '#server/relay/peek'
import { mapModel } from '#shared/utils/model-pattern'
import { poolAccount } from '../../helpers/pool'
import { answer, answerFrames, answerJson, frameText } from '../../../demo/upstream/answer'

const account = poolAccount('a', { modelMap: { 'claude-*': 'glm-4.6 "ü"' } })
/** Odd spacing, escapes, a model further in: none of it may change. */
const text = '{ "messages":[{"role":"user","content":"\\u00e9 \\"model\\": \\"claude-x\\" é"}],\n "model" : "claude-\\u006fpus-5", "stream":true,"x":{"model":"claude-x"} }'
const ask = (body: Buffer, headers: string[] = [], path = '/v1/messages', of = account) =>
  consoleRequest({ path, query: '', rawHeaders: headers, body, facts: peek(body, headers[1], 1e6) }, of)

describe('a mapped model in the request', () => {
  const expected = text.replace('"claude-\\u006fpus-5"', '"glm-4.6 \\"ü\\""')

  it('replaces that one value; every other byte stays', () => {
    expect(ask(Buffer.from(text)).body!.toString()).toBe(expected)
  })

  it('works for official accounts too', () => {
    const body = gzipSync(text)
    const official = poolAccount('a', { modelMap: account.modelMap, credentials: { accessToken: 't' } })
    const request = claudeRequest({ path: '/v1/messages', query: '', rawHeaders: ['content-encoding', 'gzip'], body, facts: peek(body, 'gzip', 1e6) }, official)
    expect(request.body!.toString()).toBe(expected)
    expect(request.headers).toEqual(['accept-encoding', 'identity', 'authorization', 'Bearer t', 'anthropic-beta', 'oauth-2025-04-20'])
    expect(request.answer).toBeDefined()
  })

  it.each([['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync]] as const)('goes plain when it came as %s', (encoding, encode) => {
    const request = ask(encode(text), ['content-encoding', encoding, 'x-other', '1'])
    expect(request.body!.toString()).toBe(expected)
    expect(request.headers).toEqual(['x-other', '1', 'accept-encoding', 'identity', 'authorization', 'Bearer k'])
  })

  it('the last of repeated keys is the one that counts', () => {
    expect(ask(Buffer.from('{"model":"a","model":"claude-1"}')).body!.toString()).toBe('{"model":"a","model":"glm-4.6 \\"ü\\""}')
  })

  it('a model that is not mapped leaves body, encoding and answer alone', () => {
    const body = gzipSync('{"model":"gpt"}')
    const request = ask(body, ['content-encoding', 'gzip'])
    expect([request.body === body, request.headers.includes('content-encoding'), request.answer]).toEqual([true, true, undefined])
  })

  it('counting tokens is mapped too, its answer names no model', () => {
    const request = ask(Buffer.from('{"model":"claude-1"}'), [], '/v1/messages/count_tokens')
    expect([request.body!.toString(), request.answer]).toEqual(['{"model":"glm-4.6 \\"ü\\""}', undefined])
  })

  it('exact names go before patterns, patterns in their order, and names of Object are no entries', () => {
    const map = { 'claude-*': 'first', 'claude-haiku-*': 'never', 'claude-haiku-4-5': 'exact' }
    expect(['claude-haiku-4-5', 'claude-haiku-5', 'gpt', 'constructor'].map(model => mapModel(map, model))).toEqual(['exact', 'first', 'gpt', 'constructor'])
  })
})

describe('the answer to a mapped request', () => {
  const made = answer({ model: 'glm-4.6' })
  const stream = answerFrames(made).map(frameText).join('')
  const through = (pieces: Buffer[], status = 200) => {
    const converter = ask(Buffer.from(text)).answer!
    converter.head(status, [])
    const out = pieces.flatMap(piece => converter.push(piece) ?? [])
    return { text: Buffer.concat([...out, converter.end() ?? Buffer.alloc(0)]).toString(), served: converter.complete({ servedModel: 'x' } as never).servedModel }
  }
  const bytewise = (whole: string) => [...Buffer.from(whole)].map(byte => Buffer.from([byte]))

  it.each([['in one piece', (whole: string) => [Buffer.from(whole)]], ['byte by byte', bytewise]])('names the model that was asked in message_start, all else as it came (%s)', (_, cut) => {
    const before = `: hello\n\nevent: ping\ndata: {"type": "ping"}\n\n`
    expect(through(cut(before + stream))).toEqual({ text: before + stream.replace('"model":"glm-4.6"', '"model":"claude-opus-5"'), served: 'glm-4.6' })
    const crlf = stream.replaceAll('\n', '\r\n')
    expect(through(cut(crlf)).text).toBe(crlf.replace('"model":"glm-4.6"', '"model":"claude-opus-5"'))
  })

  it('names it at the top of JSON, and nowhere else', () => {
    const json = JSON.stringify({ ...answerJson(made), content: [{ type: 'text', text: '"model":"glm-4.6"' }] }, null, 1)
    expect(through(bytewise(json))).toEqual({ text: json.replace('"model": "glm-4.6"', '"model": "claude-opus-5"'), served: 'glm-4.6' })
  })

  it.each([
    ['an error answer', 400, '{"type":"error","error":{"model":"glm-4.6"}}'],
    ['an error as first event', 200, 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n'],
    ['a message without a model', 200, '{"type":"message"}'],
    ['a page', 200, '<html></html>'],
    ['broken JSON', 200, '{"model":"glm-4.6"'],
  ])('%s stays as it came', (_, status, body) => {
    expect(through(bytewise(body), status)).toMatchObject({ text: body })
  })
})
