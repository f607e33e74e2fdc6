import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { parseSpan, scanTopLevel, type Span, type TopLevel } from '../lib/json-scan'
import { RelayError } from './errors'

/** The few facts the relay needs of a request body; the body itself stays as it came. */
export interface Peeked {
  model: string
  /** Byte span of the model's value in the (decoded) body. */
  modelSpan: Span
  stream: boolean
  /** Session id inside `metadata.user_id`, of either format. */
  session: string | null
}

const MAX_METADATA = 16 * 1024
const OLD_USER_ID = /_session_([\w-]{8,128})$/

/**
 * Reads model, stream and session from the top level of a JSON body.
 * Throws RelayError `body_invalid` or `model_missing`; deeper faults are the upstream's to judge.
 */
export function peek(body: Buffer, encoding: string | undefined, maxBytes: number): Peeked {
  const text = decodeBody(body, encoding, maxBytes).toString('latin1')
  const top: TopLevel = text.length === 0 ? { ok: false, at: 0, reason: 'it is empty' } : scanTopLevel(text)
  if (!top.ok) throw new RelayError('body_invalid', `The request body is not a JSON object: ${top.reason}${text.length ? ` (byte ${top.at})` : ''}.`)
  const { fields } = top
  const modelSpan = fields.get('model')
  const model = modelSpan && text[modelSpan[0]] === '"' ? value(text, modelSpan) : undefined
  if (!modelSpan || typeof model !== 'string' || model === '') throw new RelayError('model_missing', 'The request body names no model: set "model" to a model name.')
  const stream = fields.get('stream')
  return { model, modelSpan, stream: stream !== undefined && text.slice(stream[0], stream[1]) === 'true', session: sessionOf(text, fields.get('metadata')) }
}

function sessionOf(text: string, span: Span | undefined): string | null {
  if (!span || span[1] - span[0] > MAX_METADATA) return null
  const metadata = value(text, span)
  const userId = isRecord(metadata) ? metadata.user_id : undefined
  if (typeof userId !== 'string') return null
  if (!userId.startsWith('{')) return OLD_USER_ID.exec(userId)?.[1] ?? null
  const parsed = quietly(() => JSON.parse(userId) as unknown)
  return isRecord(parsed) && typeof parsed.session_id === 'string' ? parsed.session_id.slice(0, 128) || null : null
}

/** A value that does not parse counts as absent: the upstream gets the body as it is and says what is wrong. */
const value = (text: string, span: Span): unknown => quietly(() => parseSpan(text, span))

function quietly<T>(parse: () => T): T | undefined {
  try {
    return parse()
  }
  catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it)

/** The body without its content-encoding. Throws RelayError `body_invalid` or `body_too_large`. */
export function decodeBody(body: Buffer, encoding: string | undefined, maxOutputLength: number): Buffer {
  const name = encoding?.trim().toLowerCase()
  if (!name || name === 'identity') return body
  const decoders: Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer> = { 'gzip': gunzipSync, 'x-gzip': gunzipSync, 'deflate': inflateSync, 'br': brotliDecompressSync }
  const decoder = decoders[name]
  if (!decoder) throw new RelayError('body_invalid', 'The request body has a content-encoding that is not understood: send it plain, or as gzip, deflate or br.')
  try {
    return decoder(body, { maxOutputLength })
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new RelayError('body_too_large', `The decoded request body is larger than ${maxOutputLength} bytes.`)
    throw new RelayError('body_invalid', `The request body is not valid ${name}.`)
  }
}
