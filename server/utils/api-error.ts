import { H3Error, setResponseHeader, setResponseStatus, type H3Event } from 'h3'
import type { ApiError } from '#shared/types/api'
import { AppError, type AppErrorCode } from '#server/lib/errors'
import { newRequestId } from '#server/lib/id'
import { useRuntime } from '#server/runtime'

const statuses: Record<AppErrorCode, number> = {
  validation: 400,
  body_invalid: 400,
  unauthenticated: 401,
  login_failed: 401,
  user_disabled: 403,
  password_change_required: 403,
  forbidden: 403,
  origin_refused: 403,
  registration_closed: 403,
  not_found: 404,
  invite_invalid: 404,
  method_not_allowed: 405,
  in_use: 409,
  not_revealable: 409,
  last_admin: 409,
  mail_off: 409,
  length_required: 411,
  body_too_large: 413,
  media_type: 415,
  rate_limited: 429,
  internal: 500,
}

/** Sets status and headers of any failure and returns its body. What nobody foresaw is logged and told without its insides. */
export function answerError(event: H3Event, thrown: unknown): ApiError {
  const error = toAppError(thrown)
  const requestId = event.context.requestId ??= newRequestId()
  if (error.code === 'internal') useRuntime().logger.error({ err: error.cause, requestId, method: event.method, path: event.path.split('?')[0] }, 'an API call failed')
  event.context.errorCode = error.code
  setResponseStatus(event, statuses[error.code])
  setResponseHeader(event, 'cache-control', 'no-store')
  const { retryAfterMs, details } = error.options
  if (retryAfterMs !== undefined) setResponseHeader(event, 'retry-after', Math.ceil(retryAfterMs / 1000))
  return { error: { code: error.code, message: error.message, ...details ? { details } : {}, requestId } }
}

function toAppError(thrown: unknown): AppError {
  const cause = thrown instanceof H3Error && thrown.cause instanceof Error ? thrown.cause : thrown
  if (cause instanceof AppError) return cause
  if (thrown instanceof H3Error && !thrown.unhandled) {
    if (thrown.statusCode === 404) return new AppError('not_found', 'There is no such path.')
    if (thrown.statusCode === 405) return new AppError('method_not_allowed', 'This path does not take this method.')
  }
  return new AppError('internal', 'Something went wrong. The server\'s log has the details under this request id.', { cause })
}
