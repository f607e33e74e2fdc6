import { authenticate } from '../keys/authenticate'
import type { KeyDirectory } from '../keys/directory'
import type { Logger } from '../lib/logger'
import type { ReadRelayUsage } from '../key-query/relay-usage'
import type { Ending } from './ending'
import { RelayError } from './errors'
import { sendJson, type Exchange } from './exchange'
import { logExchange } from './line'
import { refuse } from './relay'

export interface UsageDeps {
  keys: KeyDirectory
  logger: Logger
  readUsage: ReadRelayUsage
}

/**
 * `GET /v1/relay/usage`: what the key used and may still use, in the shape of shared/schemas/relay-usage.ts. Asks for nothing but
 * the key, so that one that is refused elsewhere can tell why. Never rejects.
 */
export async function serveUsage(deps: UsageDeps, exchange: Exchange): Promise<void> {
  let ending: Ending
  try {
    const usage = await deps.readUsage(await authenticate(exchange.req.headers, exchange.ip, deps.keys))
    if (!usage) throw new RelayError('key_invalid', 'This API key is not known here any more.')
    sendJson(exchange, usage, ['cache-control', 'no-store'])
    ending = { status: 200, outcome: 'ok' }
  }
  catch (error) {
    ending = refuse(deps, exchange, error)
  }
  logExchange(deps.logger, exchange, 'usage', ending, null)
}
