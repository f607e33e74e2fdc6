import { problem, type ErrorKey, type ErrorParams, type FieldProblem } from '#shared/schemas/errors'

export type AppErrorCode
  = | 'validation' | 'body_invalid' | 'body_too_large' | 'length_required' | 'media_type'
    | 'unauthenticated' | 'login_failed' | 'user_disabled' | 'password_change_required'
    | 'forbidden' | 'origin_refused' | 'not_found' | 'method_not_allowed' | 'in_use' | 'not_revealable' | 'last_admin' | 'registration_closed' | 'invite_invalid' | 'mail_off' | 'rate_limited' | 'internal'

export interface AppErrorOptions {
  details?: FieldProblem[] | Record<string, unknown>
  retryAfterMs?: number
  cause?: unknown
}

/** A refusal that the caller may read: `message` holds no secret and says what to do. */
export class AppError extends Error {
  override name = 'AppError'

  constructor(readonly code: AppErrorCode, message: string, readonly options: AppErrorOptions = {}) {
    super(message, { cause: options.cause })
  }
}

/** Also for what belongs to somebody else: its existence is nobody's business. */
export const notFound = (what: string): AppError => new AppError('not_found', `There is no such ${what}.`)

export const forbidden = (message: string): AppError => new AppError('forbidden', message)

export function invalid(problems: FieldProblem[]): AppError {
  const lines = problems.map(each => (each.path ? `${each.path} ${each.message}` : `The body ${each.message}`))
  return new AppError('validation', `${lines.join('; ')}.`, { details: problems })
}

export const invalidField = (path: string, key: ErrorKey, params?: ErrorParams): AppError => invalid([problem(path, key, params)])
