import type { IncomingHttpHeaders } from 'node:http'
import { sha256Hex } from '../lib/hash'
import { RelayError } from '../relay/errors'
import type { KeyDirectory } from './directory'
import type { Principal } from './principal'

/** The API key that a request carries, in any of the places where clients put one, or null. */
export function keyOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  return bearer ?? one(headers['x-api-key']) ?? one(headers['x-goog-api-key']) ?? one(headers['api-key'])
}

const one = (value: string | string[] | undefined): string | null => (Array.isArray(value) ? value[0] : value)?.trim() || null

/** Who the request is from. Throws RelayError `key_missing`, `key_invalid`, or `rate_limit` to whom sends many wrong keys. */
export async function authenticate(headers: IncomingHttpHeaders, ip: string, directory: KeyDirectory): Promise<Principal> {
  const key = keyOf(headers)
  if (key === null) throw new RelayError('key_missing', 'No API key was sent. Set ANTHROPIC_AUTH_TOKEN to your key.')
  const principal = await directory.find(sha256Hex(key), ip)
  if (principal) return principal
  const waitMs = directory.throttledMs(ip)
  if (waitMs > 0) throw new RelayError('rate_limit', 'Too many wrong API keys came from your address. Check ANTHROPIC_AUTH_TOKEN, then try again in a minute.', { retryAfterSeconds: Math.ceil(waitMs / 1000), shouldRetry: false })
  throw new RelayError('key_invalid', 'This API key is not known here. Check ANTHROPIC_AUTH_TOKEN and ANTHROPIC_BASE_URL.')
}
