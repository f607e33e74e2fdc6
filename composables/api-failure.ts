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
  if (!(cause instanceof FetchError)) return { status: 0, code: 'offline', message: String(thrown), problems: [], retryAfter: null, requestId: null }
  const body = (cause.data as ApiError | undefined)?.error
  const details = body?.details
  const retryAfter = Number(cause.response?.headers.get('retry-after'))
  return {
    status: cause.response?.status ?? 0,
    code: body?.code ?? (cause.response ? 'unexpected' : 'offline'),
    message: body?.message ?? '',
    problems: Array.isArray(details) ? details : [],
    retryAfter: retryAfter > 0 ? retryAfter : null,
    requestId: body?.requestId ?? null,
  }
}
