import type { AppErrorCode } from '#server/lib/errors'

/** HTTP status by error code. */
export const errorStatuses: Readonly<Record<AppErrorCode, number>> = {
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
