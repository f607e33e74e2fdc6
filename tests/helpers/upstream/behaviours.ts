import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { answer, answerFrames, answerJson, frameText, type Answer } from '../../../demo/upstream/answer'
import type { Behaviour, Exchange, RecordedRequest } from './exchange'

export type Headers = Record<string, string>

export const newRequestId = () => `req_011${randomBytes(10).toString('hex')}`

/** What an account's upstream tells of itself: must never reach a client. */
export const rateLimitHeaders: Headers = {
  'anthropic-ratelimit-requests-limit': '4000',
  'anthropic-ratelimit-requests-remaining': '3999',
  'anthropic-ratelimit-requests-reset': '2030-01-01T00:00:00Z',
  'anthropic-ratelimit-input-tokens-remaining': '400000',
  'anthropic-ratelimit-unified-status': 'allowed',
  'anthropic-ratelimit-unified-reset': '1893456000',
  'anthropic-ratelimit-unified-5h-utilization': '0.42',
  'anthropic-organization-id': '5f0a8d5e-0000-4000-8000-0123456789ab',
}

const common = (): Headers => ({
  'request-id': newRequestId(),
  ...rateLimitHeaders,
  'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
  'x-robots-tag': 'none',
  'via': '1.1 google',
  'cf-cache-status': 'DYNAMIC',
  'set-cookie': '_cfuvid=abc; path=/; HttpOnly',
})

export const streamHead = (more: Headers = {}): Headers => ({
  'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...common(), ...more,
})
export const jsonHead = (more: Headers = {}): Headers => ({ 'content-type': 'application/json', ...common(), ...more })

export const wantsStream = (request: RecordedRequest) => request.json?.stream === true
export const isCount = (request: RecordedRequest) => request.path.endsWith('/count_tokens')

/** The answer with the model that was asked for, unless the test says another. */
export function answerTo(request: RecordedRequest, given: Partial<Answer>): Answer {
  const model = request.json?.model
  return answer({ ...typeof model === 'string' ? { model } : {}, ...given })
}

/** The whole answer as text, stream or JSON as the request asks. */
export function textOf(request: RecordedRequest, given: Partial<Answer>): string {
  const whole = answerTo(request, given)
  return wantsStream(request) ? answerFrames(whole).map(frameText).join('') : JSON.stringify(answerJson(whole))
}

async function finish(exchange: Exchange): Promise<void> {
  exchange.res.end()
  await exchange.gone
}

async function sendJson(exchange: Exchange, body: string, head: Headers): Promise<void> {
  exchange.res.writeHead(200, jsonHead({ 'content-length': String(Buffer.byteLength(body)), ...head }))
  await exchange.write(body)
  await finish(exchange)
}

/** A complete answer: frame by frame, as JSON, or a token count, as the request asks. */
export function ok(given: Partial<Answer> = {}, head: Headers = {}): Behaviour {
  return async (exchange) => {
    const { request, res } = exchange
    if (isCount(request)) return await sendJson(exchange, JSON.stringify({ input_tokens: 4321 }), head)
    if (!wantsStream(request)) return await sendJson(exchange, textOf(request, given), head)
    res.writeHead(200, streamHead(head))
    for (const frame of answerFrames(answerTo(request, given))) await exchange.write(frameText(frame))
    await finish(exchange)
  }
}

const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }

/** A complete answer, encoded although nobody asked for it. */
export function encoded(encoding: keyof typeof encoders, given: Partial<Answer> = {}): Behaviour {
  return async (exchange) => {
    const text = Buffer.from(textOf(exchange.request, given))
    const head = wantsStream(exchange.request) ? streamHead() : jsonHead()
    exchange.res.writeHead(200, { ...head, 'content-encoding': encoding })
    exchange.request.sent.push(text)
    exchange.res.end(encoders[encoding](text))
    await exchange.gone
  }
}

export const errorBody = (type: string, message: string, requestId: string) =>
  ({ type: 'error', error: { type, message }, request_id: requestId })

export interface Fault { type?: string, message?: string, headers?: Headers, body?: string }

const typeOfStatus: Record<number, string> = {
  400: 'invalid_request_error', 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error',
  404: 'not_found_error', 413: 'request_too_large', 429: 'rate_limit_error', 500: 'api_error', 504: 'timeout_error', 529: 'overloaded_error',
}

/** An error answer in the upstream's real shape, or with a body of any kind. */
export function status(code: number, { type = typeOfStatus[code] ?? 'api_error', message = `Upstream says ${code}`, headers = {}, body }: Fault = {}): Behaviour {
  return async (exchange) => {
    const id = newRequestId()
    exchange.res.writeHead(code, jsonHead({ 'request-id': id, ...headers }))
    await exchange.write(body ?? JSON.stringify(errorBody(type, message, id)))
    await finish(exchange)
  }
}

/** 200 with a page of HTML, as a captive portal or a wrong base URL gives it. */
export function html200(): Behaviour {
  return async (exchange) => {
    exchange.res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    await exchange.write('<!DOCTYPE html><html><body>Welcome</body></html>')
    await finish(exchange)
  }
}

/** 200 without a byte of body. */
export function empty200(): Behaviour {
  return async (exchange) => {
    exchange.res.writeHead(200, wantsStream(exchange.request) ? streamHead() : jsonHead())
    await finish(exchange)
  }
}

/** Waits for `gate` before it answers at all. */
export function after(gate: Promise<unknown>, then: Behaviour): Behaviour {
  return async (exchange) => {
    await Promise.race([gate, exchange.gone])
    if (!exchange.res.destroyed) await then(exchange)
  }
}
