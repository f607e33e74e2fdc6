import type { AnswerError } from '../platforms/_shared/verdict'
import type { Rejection } from './delivery-types'
import { RelayError, statusOfType } from './errors'

/** The upstream ended before its answer was whole. */
export const cut = (cause?: unknown): RelayError => new RelayError('upstream_truncated', 'The upstream ended the answer before it was complete. Try again.', { cause })

/** The upstream never answered. */
export const unreachable = (cause: unknown): RelayError => new RelayError('pool_empty', 'The upstream of this key\'s pool cannot be reached right now. Try again later or ask the operator.', { cause })

/** Short code of what went wrong, for logs and account states. */
export const reasonOf = (error: Error): string => error instanceof RelayError ? error.code : (error as NodeJS.ErrnoException).code ?? 'network'

/** An error that came instead of an answer, as the error answer it stands for. */
export function asRejection(error: AnswerError, status = statusOfType(error.type)): Rejection {
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type: error.type, message: error.message } }))
  return { status, rawHeaders: ['content-type', 'application/json', 'content-length', String(body.length)], decoded: false, body, error }
}
