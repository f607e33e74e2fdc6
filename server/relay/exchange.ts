import type { IncomingMessage, ServerResponse } from 'node:http'

/** One request to the relay and its answer. */
export interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  /** Below the base, e.g. `/v1/messages`. */
  path: string
  /** With its `?`, or empty. */
  query: string
  requestId: string
  /** Epoch-ms of arrival. */
  startedAt: number
  ip: string
  /** Headers of our own for every answer (CORS), flat. */
  ownHeaders: readonly string[]
}

/** Answers 200 with JSON; `extra` is a flat name, value list. */
export function sendJson({ res, requestId, ownHeaders }: Exchange, value: object, extra: readonly string[] = []): void {
  const body = JSON.stringify(value)
  res.writeHead(200, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), 'request-id', requestId, 'x-relay-request-id', requestId, ...extra, ...ownHeaders])
  res.end(body)
}
