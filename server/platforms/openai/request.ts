import { mapModel } from '#shared/utils/model-pattern'
import { newId } from '../../lib/id'
import { decodeBody } from '../../relay/peek'
import { headerOf, upstreamHeaders } from '../../relay/headers'
import { asFields } from '../_shared/anthropic-reducer'
import { UnfitRequest, type PoolAccount, type RelayInput, type UpstreamRequest } from '../platform'
import { ChatAnswer } from './answer'
import { chatRequest } from './body'
import type { Fields } from './chat'
import { openaiOptions } from './options'

/** Headers of the client that speak of the Messages API or of the body as it came. */
const DROPPED = /^(?:anthropic-|content-encoding$|content-type$|accept$)/i
const MAX_BODY = 512 * 1024 * 1024

/** The chat-completions request that asks the same, and the way back. Throws UnfitRequest. */
export function openaiRequest(input: RelayInput, account: PoolAccount): UpstreamRequest {
  const base = new URL(account.baseUrl ?? '')
  const target = { origin: base.origin, headers: headersOf(input, account) }
  const prefix = base.pathname.replace(/\/+$/, '')
  if (!input.body || !input.facts) return { ...target, path: prefix + belowVersion(input.path), method: 'GET', body: null }
  if (input.path !== '/v1/messages') throw new UnfitRequest(`${input.path} has no counterpart at an OpenAI-format upstream.`)
  const { model, stream, session } = input.facts
  const { body, names, callIds } = chatRequest(parsed(input), { model: mapModel(account.modelMap, model), stream, session, options: openaiOptions.parse(account.options) })
  const bytes = Buffer.from(JSON.stringify(body))
  return {
    ...target,
    path: `${prefix}/chat/completions`,
    method: 'POST',
    body: bytes,
    answer: new ChatAnswer({ model, stream, names, requestBytes: bytes.length, stops: Array.isArray(body.stop) ? body.stop.map(String) : [], takenIds: callIds, uniqueId: newId() }),
  }
}

/** An address of this format ends in its version (`/v1`, `/api/paas/v4`), which paths of the Messages API begin with. */
const belowVersion = (path: string): string => path.replace(/^\/v1(?=\/)/, '')

function headersOf({ rawHeaders, facts }: RelayInput, { credentials }: PoolAccount): string[] {
  const headers: string[] = []
  const open = upstreamHeaders(rawHeaders)
  for (let at = 0; at < open.length; at += 2) if (!DROPPED.test(open[at]!)) headers.push(open[at]!, open[at + 1]!)
  if (facts) headers.push('content-type', 'application/json')
  headers.push('accept', facts?.stream ? 'text/event-stream' : 'application/json', 'authorization', `Bearer ${String(credentials.apiKey)}`)
  return headers
}

function parsed({ body, rawHeaders }: RelayInput): Fields {
  const bytes = decodeBody(body!, headerOf(rawHeaders, 'content-encoding'), MAX_BODY)
  try {
    const fields = asFields(JSON.parse(bytes.toString('utf8')))
    if (fields) return fields
  }
  catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UnfitRequest('The request body is not valid JSON.')
}
