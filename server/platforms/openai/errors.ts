import { asFields, asText } from '../_shared/anthropic-reducer'
import type { AnswerError } from '../_shared/verdict'
import { fieldsIn, textIn, type Fields } from './chat'
import { tooLong } from './too-long'

export type ChatError = Required<AnswerError>

const MAX_PLAIN = 300
const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error', 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error', 404: 'not_found_error', 408: 'timeout_error',
  413: 'request_too_large', 422: 'invalid_request_error', 429: 'rate_limit_error', 503: 'overloaded_error', 504: 'timeout_error', 529: 'overloaded_error',
}

/** The Anthropic type of an error that came with this status. */
const typeOf = (status: number): string => BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error')

/** Where only words tell: an error inside a stream. */
const BY_WORDS: readonly [RegExp, string][] = [
  [/rate.?limit|too many requests|tokens per min/i, 'rate_limit_error'],
  [/overload|capacity|busy|unavailable/i, 'overloaded_error'],
  [/invalid_request|context_length|badrequest|bad request/i, 'invalid_request_error'],
  [/timed? ?out/i, 'timeout_error'],
]

/** The error in a chunk or in an answer with status 200, or null when it is none. */
export function errorIn(chunk: Fields): ChatError | null {
  const error = partOf(chunk)
  if (!error || (Array.isArray(chunk.choices) && chunk.choices.length > 0 && !chunk.error)) return null
  const status = Number(error.code)
  const told = wording(error)
  const type = status >= 400 && status < 600 ? typeOf(status) : BY_WORDS.find(([words]) => words.test(told))?.[1] ?? 'api_error'
  return { ...anthropic(type, messageOf(error) || 'The upstream broke off with an error that it did not explain.', told, 0), said: told }
}

/** The error of an error answer, whatever its body is. `requestBytes`: size of the request, where a length is not told. */
export function errorAnswer(status: number, body: Buffer, requestBytes: number): ChatError {
  const text = body.toString('utf8')
  const error = partOf(parsed(text))
  const told = error ? wording(error) : plain(text)
  const message = (error && messageOf(error)) || plain(text) || `The upstream answered with status ${status}.`
  return { ...anthropic(typeOf(status), message, told, requestBytes), said: told }
}

/** The client shortens its conversation by itself if an error has the official words. */
function anthropic(type: string, message: string, told: string, requestBytes: number): AnswerError {
  const long = tooLong(told, requestBytes)
  return long ? { type: 'invalid_request_error', message: long } : { type, message }
}

/** `{ error: {…} }`, `{ error: "…" }`, `[{ error }]` (Google), or the fields at the top (vLLM, FastAPI, DashScope). */
function partOf(body: unknown): Fields | null {
  const top = Array.isArray(body) ? fieldsIn(body)[0] : asFields(body)
  if (!top) return null
  const error = asFields(top.error)
  if (error) return error
  if (asText(top.error)) return { message: top.error, code: top.code, type: top.type }
  const coded = textIn(top.code) !== '' || typeof top.code === 'number'
  if (top.object === 'error' || coded || top.detail || (top.choices === undefined && textIn(top.message) !== '')) return top
  return null
}

const messageOf = (error: Fields): string =>
  textIn(error.message) || textIn(error.msg) || textIn(error.detail) || fieldsIn(error.detail).map(one => textIn(one.msg)).join('; ')

/** Code, type and message in one line, with what OpenRouter adds from behind it. */
const wording = (error: Fields): string =>
  [error.code, error.type, messageOf(error), textIn(asFields(error.metadata)?.raw)].filter(part => (typeof part === 'string' && part !== '') || typeof part === 'number').join(': ')

/** A short body of plain text; pages of HTML tell nothing to a user. */
const plain = (text: string): string => /^\s*[<[{]/.test(text) ? '' : text.trim().slice(0, MAX_PLAIN)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
