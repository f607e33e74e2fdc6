import { upstreamHeaders } from '../../relay/headers'
import type { PoolAccount, RelayInput, UpstreamRequest } from '../platform'

/** Keys of the official API are sent as it documents them; every other Anthropic-format endpoint takes a bearer token. */
const OFFICIAL_KEY = /^sk-ant-/

/** The original request with this account's address and credentials; body and query untouched. */
export function consoleRequest(input: RelayInput, account: PoolAccount): UpstreamRequest {
  const base = new URL(account.baseUrl ?? '')
  const apiKey = String(account.credentials.apiKey)
  const headers = upstreamHeaders(input.rawHeaders)
  if (OFFICIAL_KEY.test(apiKey)) headers.push('x-api-key', apiKey)
  else headers.push('authorization', `Bearer ${apiKey}`)
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, '')}${input.path}${input.query}`,
    method: 'POST',
    headers,
    body: input.body,
  }
}
