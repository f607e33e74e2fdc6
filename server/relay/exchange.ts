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
