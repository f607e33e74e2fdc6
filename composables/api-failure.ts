import { FetchError } from 'ofetch'
import type { ApiError } from '#shared/types/api'
import type { FieldProblem } from '#shared/schemas/errors'

/** A call of the JSON API that did not succeed. `status` 0: no answer at all. */
export interface ApiFailure {
  status: number
  code: string
  message: string
  problems: FieldProblem[]
  /** Seconds. */
  retryAfter: number | null
  requestId: string | null
}

/** Whatever a fetch threw, as what the API meant by it. */
export function toApiFailure(thrown: unknown): ApiFailure {
  const cause = thrown instanceof Error && thrown.cause instanceof FetchError ? thrown.cause : thrown
  // A failure while the server rendered reaches the browser without the answer itself.
  const { status, data, headers } = cause instanceof FetchError
    ? { status: cause.response?.status ?? 0, data: cause.data as unknown, headers: cause.response?.headers }
    : { ...passedOn(thrown), headers: undefined }
  const body = (data as ApiError | undefined)?.error
  const details = body?.details
  const retryAfter = Number(headers?.get('retry-after') ?? (Array.isArray(details) ? undefined : details?.retryAfterSeconds))
  return {
    status,
    code: body?.code ?? (status ? 'unexpected' : 'offline'),
    message: body?.message ?? (status ? '' : String(thrown)),
    problems: Array.isArray(details) ? details : [],
    retryAfter: retryAfter > 0 ? retryAfter : null,
    requestId: body?.requestId ?? null,
  }
}

function passedOn(thrown: unknown): { status: number, data: unknown } {
  const error = thrown as { statusCode?: unknown, data?: unknown } | null | undefined
  return typeof error?.statusCode === 'number' && error.data ? { status: error.statusCode, data: error.data } : { status: 0, data: undefined }
}
