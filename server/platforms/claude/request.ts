import { anthropicRequest } from '../_shared/anthropic-request'
import type { PoolAccount, RelayInput, UpstreamRequest } from '../platform'

/** What the official API asks of requests that carry an OAuth token. */
const OAUTH_BETA = 'oauth-2025-04-20'

/** The original request with this account's token, and the beta that it needs. */
export function claudeRequest(input: RelayInput, account: PoolAccount): UpstreamRequest {
  const request = anthropicRequest(input, account, ['authorization', `Bearer ${String(account.credentials.accessToken)}`])
  return { ...request, headers: withOAuthBeta(request.headers) }
}

/** Adds the beta to what the client sent, unless it is there. */
function withOAuthBeta(headers: string[]): string[] {
  let first = -1
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== 'anthropic-beta') continue
    if (headers[i + 1]!.split(',').some(beta => beta.trim() === OAUTH_BETA)) return headers
    if (first < 0) first = i
  }
  if (first < 0) headers.push('anthropic-beta', OAUTH_BETA)
  else headers[first + 1] = headers[first + 1]!.trim() === '' ? OAUTH_BETA : `${headers[first + 1]},${OAUTH_BETA}`
  return headers
}
