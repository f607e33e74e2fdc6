import { anthropicRequest } from '../_shared/anthropic-request'
import type { PoolAccount, RelayInput, UpstreamRequest } from '../platform'

/** Keys of the official API are sent as it documents them; every other Anthropic-format endpoint takes a bearer token. */
const OFFICIAL_KEY = /^sk-ant-/

/** The original request with this account's address and key. */
export function consoleRequest(input: RelayInput, account: PoolAccount): UpstreamRequest {
  const apiKey = String(account.credentials.apiKey)
  return anthropicRequest(input, account, OFFICIAL_KEY.test(apiKey) ? ['x-api-key', apiKey] : ['authorization', `Bearer ${apiKey}`])
}
