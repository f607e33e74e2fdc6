import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { untilEvent } from './until'

export interface HookCall {
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** The body as JSON. */
  json: Record<string, unknown>
}

export interface HookAnswer {
  status?: number
  headers?: Record<string, string>
  body?: string
}

/** A local server in a vendor's place. */
export interface Hook {
  url: string
  calls: HookCall[]
  /** What it answers from now on; null: nothing, ever. */
  answers(answer: HookAnswer | null): void
  /** Resolves once that many calls have come. */
  until(count: number): Promise<HookCall[]>
  close(): Promise<void>
}

export async function startHook(first: HookAnswer = {}): Promise<Hook> {
  const changes = new EventEmitter()
  const calls: HookCall[] = []
  let answer: HookAnswer | null = first
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    calls.push({ path: request.url ?? '', headers: request.headers, body, json: JSON.parse(body || '{}') as Record<string, unknown> })
    if (answer) response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '')
    changes.emit('change')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answers(next) {
      answer = next
    },
    async until(count) {
      await untilEvent(changes, () => calls.length >= count, `${count} calls of the hook`)
      return calls
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
