import { openaiRequest } from '#server/platforms/openai/request'
import type { AnswerConverter, PoolAccount, UpstreamRequest } from '#server/platforms/platform'
import { peek } from '#server/relay/peek'
import { poolAccount } from './pool'

export type Json = Record<string, unknown>

/** An account of an OpenAI-format upstream. */
export const chatAccount = (options: Json = {}, over: Partial<PoolAccount> = {}): PoolAccount =>
  poolAccount('chat', { platform: 'openai', baseUrl: 'https://upstream.test/v1', credentials: { apiKey: 'secret-key' }, options, ...over })

/** The upstream request for a Messages API body, as the relay makes it. */
export function requestFor(body: Json, options: Json = {}, { over = {}, headers = [] }: { over?: Partial<PoolAccount>, headers?: string[] } = {}): UpstreamRequest {
  const bytes = Buffer.from(JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 1000, ...body }))
  return openaiRequest({ path: '/v1/messages', query: '?beta=true', rawHeaders: headers, body: bytes, facts: peek(bytes, undefined, bytes.length) }, chatAccount(options, over))
}

/** Its body. */
export const chatBody = (body: Json, options: Json = {}): Json => JSON.parse(requestFor(body, options).body!.toString()) as Json

export const hello = [{ role: 'user', content: 'hi' }]

/** A converter for the answer to a small request. */
export const converterFor = (stream: boolean, body: Json = {}): AnswerConverter => requestFor({ messages: hello, stream, ...body }).answer!

/** One chunk with a delta. */
export const delta = (fields: Json, more: Json = {}): Json => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'served-model', choices: [{ index: 0, delta: fields, finish_reason: null, ...more }] })
export const finish = (reason: string, more: Json = {}): Json => ({ ...delta({}, { finish_reason: reason }), ...more })
export const usage = (more: Json = {}): Json => ({ id: 'chatcmpl-1', model: 'served-model', choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, ...more } })
export const call = (index: number | undefined, fields: { id?: string, name?: string, args?: string }): Json =>
  ({ ...index === undefined ? {} : { index }, ...fields.id === undefined ? {} : { id: fields.id, type: 'function' }, function: { ...fields.name === undefined ? {} : { name: fields.name }, ...fields.args === undefined ? {} : { arguments: fields.args } } })

/** Chunks as an upstream streams them. */
export const chatStream = (chunks: Json[], { done = true, line = '\n' }: { done?: boolean, line?: string } = {}): string =>
  [...chunks.map(chunk => JSON.stringify(chunk)), ...done ? ['[DONE]'] : []].map(data => `data: ${data}${line}${line}`).join('')

/** Everything that comes out of a converter for these pieces, in order. */
export function converted(converter: AnswerConverter, pieces: (string | Buffer)[], { status = 200, headers = ['content-type', 'text/event-stream'] }: { status?: number, headers?: string[] } = {}): string {
  converter.head(status, headers)
  const out = pieces.flatMap(piece => converter.push(Buffer.from(piece)) ?? [])
  const rest = converter.end()
  return Buffer.concat(rest ? [...out, rest] : out).toString()
}

/** A stream of chunks as the client of a stream gets it. */
export const streamed = (chunks: Json[], body: Json = {}): string => converted(converterFor(true, body), [chatStream(chunks)])
