import { once, setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { accounts } from '../cast'
import { between, dice, hex, whole, type Random } from '../random'
import { windowHeaders, windowsAt } from '../windows'
import { answer, answerFrames, answerJson, frameText, type Answer } from './answer'
import { chatEvents, chatJson } from './chat'

/** The demo's upstreams, all of them one server on loopback. */
export interface DemoUpstream {
  url: string
  /** Address of an account: what stands behind says how it is answered. */
  urlOf(accountId: string): string
  close(): Promise<void>
}

/** What the demo's own clients ask an answer to be like, in the text of their request: every platform passes that on. Others get a short one. */
export interface Wish { cached: number, output: number, ms: number }
const usual: Wish = { cached: 12_000, output: 60, ms: 600 }

/** The wish as text of a request. */
export const wishText = ({ cached, output, ms }: Wish): string => `demo: cached ${cached}, output ${output}, ms ${ms}`

interface Ask { manner: string, accountId: string, model: string, stream: boolean, wish: Wish, random: Random }

const sentences = [
  'I read the failing test first: it expects the limit to be counted per key, while the code counts per owner.',
  'The fix is to take the key\'s own counter and to leave the owner\'s to the report.',
  'I changed three places and ran the suite; all of it passes.',
  'Next I would look at the retry, which waits for a fixed time instead of the one that the answer names.',
]
const headersOf = (random: Random) => ({ 'request-id': `req_011${hex(random, 20)}` })

/** Starts it on a free port of loopback. `seed` makes its moods repeatable. */
export async function startDemoUpstream(seed: number): Promise<DemoUpstream> {
  const random = dice(seed)
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const server = createServer((request, response) => {
    // A client that leaves in the middle, or the end of the demo: there is nobody left to answer.
    respond(request, response, random, ending.signal).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    urlOf: accountId => `${url}/${accountId}`,
    async close() {
      ending.abort()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, random: Random, signal: AbortSignal): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  const { pathname } = new URL(request.url ?? '/', 'http://upstream')
  if (pathname.endsWith('/oauth/token')) return json(response, 200, { access_token: `sk-ant-oat01-${hex(random, 32)}`, refresh_token: `sk-ant-ort01-${hex(random, 32)}`, expires_in: 28_800 })
  if (pathname.endsWith('/hook')) return json(response, 200, { ok: true })
  const ask = askOf(request, pathname, body, random)
  if (refuse(response, ask)) return
  if (pathname.endsWith('/count_tokens')) return json(response, 200, { input_tokens: Math.ceil(body.length / 4) })
  if (pathname.endsWith('/models')) return json(response, 200, { data: [] })
  await pause(between(random, 0.7, 1.3) * 450, undefined, { signal })
  if (pathname.endsWith('/chat/completions')) return await chat(response, ask, signal)
  await messages(response, ask, signal)
}

/** Official accounts have one address for all: their token tells which one it is. */
function askOf(request: IncomingMessage, path: string, body: string, random: Random): Ask {
  const { model = 'claude-sonnet-5-5', stream = false } = parsed(body)
  const [, token] = /^Bearer demo-(.+)$/.exec(request.headers.authorization ?? '') ?? []
  const account = accounts.find(({ id }) => id === path.split('/')[1]) ?? accounts.find(({ id }) => id === token)
  return { accountId: account?.id ?? '', manner: account?.manner ?? 'steady', model, stream, random, wish: wishOf(body) }
}

function parsed(body: string): { model?: string, stream?: boolean } {
  try {
    return JSON.parse(body) as object
  }
  catch {
    return {}
  }
}

function wishOf(body: string): Wish {
  const [, cached, output, ms] = /demo: cached (\d+), output (\d+), ms (\d+)/.exec(body) ?? []
  return ms === undefined ? usual : { cached: Number(cached), output: Number(output), ms: Number(ms) }
}

/** The faults of accounts that are not steady. True when the request has its answer. */
function refuse(response: ServerResponse, { manner, random }: Ask): boolean {
  const luck = random()
  const fault = (status: number, type: string, message: string, headers: Record<string, string> = {}): true => {
    json(response, status, { type: 'error', error: { type, message } }, { ...headersOf(random), ...headers })
    return true
  }
  if (manner === 'limited') return fault(429, 'rate_limit_error', 'This request would exceed your account\'s rate limit.', { 'retry-after': '1800' })
  if (manner === 'revoked') return fault(401, 'authentication_error', 'invalid x-api-key')
  if (manner === 'flaky' && luck < 0.12) return luck < 0.07 ? fault(529, 'overloaded_error', 'Overloaded') : fault(502, 'api_error', 'Bad gateway')
  if (luck > 0.995) return fault(400, 'invalid_request_error', 'prompt is too long: 211840 tokens > 200000 maximum')
  return false
}

async function messages(response: ServerResponse, ask: Ask, signal: AbortSignal): Promise<void> {
  const { random, model, wish: { cached, output } } = ask
  const pieces = Math.max(3, Math.min(400, Math.round(output / 6)))
  const given: Partial<Answer> = {
    model, usage: { input: whole(random, 3, 60), output, cacheRead: cached, write5m: whole(random, 50, 400), write1h: 0 },
    blocks: [{ type: 'text', text: textOf(pieces), pieces }],
  }
  const headers = { ...headersOf(random), ...windowHeaders(windowsAt(ask.accountId, Date.now())) }
  if (!ask.stream) return json(response, 200, answerJson(answer(given)), headers)
  const frames = answerFrames(answer(given)).map(frameText)
  await stream(response, frames, headers, ask, signal)
}

async function chat(response: ServerResponse, ask: Ask, signal: AbortSignal): Promise<void> {
  const { random, model, wish: { cached, output } } = ask
  const pieces = Math.max(3, Math.min(400, Math.round(output / 6)))
  const given = { id: `chatcmpl-${hex(random, 16)}`, model, text: textOf(pieces), pieces, prompt: cached + whole(random, 60, 400), cached, output }
  if (!ask.stream) return json(response, 200, chatJson(given), headersOf(random))
  await stream(response, chatEvents(given), headersOf(random), ask, signal)
}

/** Over the time that is wished for; of a flaky upstream some streams end in the middle. */
async function stream(response: ServerResponse, frames: string[], headers: Record<string, string>, { wish: { ms }, manner, random }: Ask, signal: AbortSignal): Promise<void> {
  const cutAt = manner === 'flaky' && random() < 0.03 ? Math.ceil(frames.length / 2) : Infinity
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers })
  for (const [n, frame] of frames.entries()) {
    if (response.destroyed) return
    if (n === cutAt) return void response.destroy()
    response.write(frame)
    await pause(ms / frames.length, undefined, { signal })
  }
  response.end()
}

/** Enough words for so many pieces. */
function textOf(pieces: number): string {
  const words = sentences.join(' ').split(' ')
  return Array.from({ length: Math.max(pieces * 2, words.length) }, (_, n) => words[n % words.length]).join(' ')
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
