import type { Skipped } from '../scheduler/choose'
import type { Rejection } from './delivery-types'
import type { Ending } from './ending'
import { RelayError, errorEvent, sendError } from './errors'
import type { Exchange } from './exchange'
import { clientHeaders } from './headers'
import type { Judged } from './outcome'
import type { ClientWriter } from './writer'

/** An attempt of which nothing reached the client. */
export interface Failure extends Pick<Judged, 'verdict' | 'reason'> {
  error: RelayError | null
  rejection: Rejection | null
}

/** What the client gets in the end: an upstream's own answer, unmodified, or an error of ours. */
export type LastWord = { rejection: Rejection } | { error: RelayError, tried: boolean }

const SOON_MS = 60_000

/**
 * Chooses the last word when no account delivered. What an upstream said about the request or about its own trouble goes out as
 * it came; what concerns an account (401, 402, 403, 429) never does.
 */
export function lastWord(failures: readonly Failure[], skipped: readonly Skipped[], { model, now, accounts }: { model: string, now: number, accounts: number }): LastWord {
  const said = failures.findLast(({ verdict, reason, rejection }) => rejection && verdict === 'pass_over' && reason !== 'count_limited')
    ?? failures.findLast(({ verdict, rejection }) => rejection && verdict === 'transient')
  if (said?.rejection) return { rejection: said.rejection }
  const timeout = failures.findLast(({ error }) => error?.code === 'upstream_timeout')
  if (timeout?.error && failures.every(({ error }) => error)) return { error: timeout.error, tried: true }
  return { error: accounts === 0 ? emptyPool() : noAccount(failures, skipped, model, now), tried: failures.length > 0 }
}

/** The key's pool has no account at all. */
export const emptyPool = (): RelayError => new RelayError('pool_empty', 'This key\'s pool has no accounts. Ask the operator to add one.')

function noAccount(failures: readonly Failure[], skipped: readonly Skipped[], model: string, now: number): RelayError {
  const ends = skipped.flatMap(({ until }) => until === null || until <= now ? [] : [until])
  const back = ends.length > 0 ? Math.min(...ends) : null
  const when = back === null ? 'Try again later or ask the operator.' : `One is expected back at ${new Date(back).toISOString()}.`
  const message = `No account of this key's pool can take ${model} right now. ${when}`
  if (back !== null && back - now <= SOON_MS) return new RelayError('pool_wait', message, { retryAfterSeconds: Math.max(1, (back - now) / 1000) })
  return new RelayError('pool_empty', message, { cause: failures.findLast(({ error }) => error)?.error })
}

/** Sends the last word: as an answer, or as an event when a stream's head went out early. */
export function deliverFinal(writer: ClientWriter, exchange: Exchange, word: LastWord): Ending {
  if (writer.gone) return { status: 499, outcome: 'client_closed' }
  if ('error' in word) {
    const { error } = word
    if (writer.begun) writer.fail(error)
    else sendError(exchange.res, error, exchange.requestId, exchange.ownHeaders)
    return { status: writer.begun && exchange.res.statusCode === 200 ? 200 : error.status, outcome: word.tried ? 'upstream_error' : 'no_account', error: { type: error.code, message: error.message } }
  }
  const { status, rawHeaders, decoded, body, error } = word.rejection
  if (writer.begun) {
    writer.write(error ? `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: error.type, message: error.message }, request_id: exchange.requestId })}\n\n` : errorEvent(new RelayError('upstream_truncated', `The upstream answered with status ${status}. Try again.`), exchange.requestId))
    writer.end()
    return { status: 200, outcome: 'upstream_error', error: error ?? { type: `http_${status}`, message: '' } }
  }
  writer.head(status, clientHeaders(rawHeaders, decoded))
  if (body.length > 0) writer.write(body)
  writer.end()
  return { status, outcome: 'upstream_error', error: error ?? { type: `http_${status}`, message: '' } }
}
