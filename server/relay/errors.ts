import type { ServerResponse } from 'node:http'

interface Row {
  status: number
  type: string
  /** Sent as `x-should-retry`: keeps the client from trying again what cannot work. */
  shouldRetry?: false
}

/** Every error that is ours, by its `error_code`. What an upstream said goes out unmodified and is not here. */
export const relayErrors = {
  key_missing: { status: 401, type: 'authentication_error', shouldRetry: false },
  key_invalid: { status: 401, type: 'authentication_error', shouldRetry: false },
  key_disabled: { status: 401, type: 'authentication_error', shouldRetry: false },
  key_expired: { status: 401, type: 'authentication_error', shouldRetry: false },
  ip_denied: { status: 403, type: 'permission_error' },
  client_denied: { status: 403, type: 'permission_error' },
  model_denied: { status: 403, type: 'permission_error' },
  cost_limit: { status: 402, type: 'billing_error' },
  rate_limit: { status: 429, type: 'rate_limit_error' },
  key_concurrency: { status: 429, type: 'rate_limit_error' },
  body_invalid: { status: 400, type: 'invalid_request_error' },
  model_missing: { status: 400, type: 'invalid_request_error' },
  query_invalid: { status: 400, type: 'invalid_request_error' },
  model_unknown: { status: 404, type: 'not_found_error' },
  body_too_large: { status: 413, type: 'request_too_large' },
  path_unknown: { status: 404, type: 'not_found_error' },
  pool_wait: { status: 503, type: 'api_error' },
  pool_empty: { status: 529, type: 'overloaded_error' },
  upstream_truncated: { status: 502, type: 'api_error' },
  upstream_timeout: { status: 504, type: 'timeout_error' },
  busy: { status: 503, type: 'api_error' },
  internal: { status: 500, type: 'api_error' },
} as const satisfies Record<string, Row>

export type RelayErrorCode = keyof typeof relayErrors

export interface RelayErrorOptions {
  retryAfterSeconds?: number
  /** Instead of what the table says of this error. */
  shouldRetry?: boolean
  details?: Record<string, unknown>
  cause?: unknown
}

/** A refusal or failure of the relay itself. The message is for the user of the key and says what to do. */
export class RelayError extends Error {
  override name = 'RelayError'

  constructor(
    readonly code: RelayErrorCode,
    message: string,
    readonly options: RelayErrorOptions = {},
  ) {
    super(message, { cause: options.cause })
  }

  get status(): number {
    return relayErrors[this.code].status
  }

  get type(): string {
    return relayErrors[this.code].type
  }
}

const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400, authentication_error: 401, billing_error: 402, permission_error: 403, not_found_error: 404,
  request_too_large: 413, rate_limit_error: 429, api_error: 500, timeout_error: 504, overloaded_error: 529,
}

/** The status that an Anthropic error type comes with; 500 for an unknown one. */
export const statusOfType = (type: string): number => statuses[type] ?? 500

/** The Anthropic-shaped body of one of our own errors. */
export const errorBody = (error: RelayError, requestId: string): string => JSON.stringify({
  type: 'error',
  error: { type: error.type, message: error.message, details: { error_code: error.code, ...error.options.details } },
  request_id: requestId,
})

/** The same as a stream event, for a stream that has begun. */
export const errorEvent = (error: RelayError, requestId: string): string => `event: error\ndata: ${errorBody(error, requestId)}\n\n`

/** Answers with one of our own errors; the response must not have begun. `extra` is a flat name, value list. */
export function sendError(res: ServerResponse, error: RelayError, requestId: string, extra: readonly string[]): void {
  const body = errorBody(error, requestId)
  const row: Row = relayErrors[error.code]
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)), 'request-id', requestId, 'x-relay-request-id', requestId, ...extra]
  const shouldRetry = error.options.shouldRetry ?? row.shouldRetry
  if (shouldRetry !== undefined) headers.push('x-should-retry', String(shouldRetry))
  if (error.options.retryAfterSeconds !== undefined) headers.push('retry-after', String(Math.ceil(error.options.retryAfterSeconds)))
  res.writeHead(error.status, headers)
  res.end(body)
}
