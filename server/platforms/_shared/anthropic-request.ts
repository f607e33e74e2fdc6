import { mapModel } from '#shared/utils/model-pattern'
import { headerOf, upstreamHeaders } from '../../relay/headers'
import { decodeBody } from '../../relay/peek'
import type { PoolAccount, RelayInput, UpstreamRequest } from '../platform'
import { ModelSplice, splice } from './model-splice'

const MAX_BODY = 512 * 1024 * 1024

/**
 * The original request at this account's address, body and query untouched but for a mapped model. `credentials` are the headers
 * that it adds, as [name, value, …].
 */
export function anthropicRequest(input: RelayInput, account: PoolAccount, credentials: readonly string[]): UpstreamRequest {
  const base = new URL(account.baseUrl ?? '')
  const { body, headers, answer } = mapped(input, account)
  headers.push(...credentials)
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, '')}${input.path}${input.query}`,
    method: 'POST',
    headers,
    body,
    answer,
  }
}

/** A body that came compressed goes on plain when its model is replaced. */
function mapped({ path, rawHeaders, body, facts }: RelayInput, { modelMap }: PoolAccount): Pick<UpstreamRequest, 'body' | 'headers' | 'answer'> {
  const headers = upstreamHeaders(rawHeaders)
  const model = facts ? mapModel(modelMap, facts.model) : ''
  if (!body || !facts || model === facts.model) return { body, headers }
  const encoding = headerOf(rawHeaders, 'content-encoding')
  return {
    body: splice(decodeBody(body, encoding, MAX_BODY), facts.modelSpan, model),
    headers: encoding === undefined ? headers : without(headers, 'content-encoding'),
    answer: path === '/v1/messages' ? new ModelSplice(facts.model) : undefined,
  }
}

const without = (headers: readonly string[], name: string): string[] =>
  headers.flatMap((header, at) => at % 2 === 0 && header.toLowerCase() !== name ? [header, headers[at + 1]!] : [])
