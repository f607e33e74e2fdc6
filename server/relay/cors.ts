import type { IncomingMessage, ServerResponse } from 'node:http'

const allows = (origin: string | undefined, allowed: readonly string[]): origin is string =>
  origin !== undefined && (allowed.includes('*') || allowed.includes(origin))

/** Headers that let a page of an allowed origin read the answer; none for any other. Keys come in headers, never cookies. */
export const corsHeaders = (origin: string | undefined, allowed: readonly string[]): string[] => allows(origin, allowed)
  ? ['access-control-allow-origin', origin, 'access-control-expose-headers', 'request-id, x-relay-request-id, retry-after', 'vary', 'origin']
  : []

/** Answers a preflight of an allowed origin; false when it is none. */
export function preflight(res: ServerResponse, req: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, 'access-control-request-headers': wanted } = req.headers
  if (!allows(origin, allowed)) return false
  res.writeHead(204, [
    'access-control-allow-origin', origin,
    'access-control-allow-methods', 'GET, HEAD, POST, OPTIONS',
    'access-control-allow-headers', wanted ?? 'authorization, content-type, x-api-key, anthropic-version, anthropic-beta',
    'access-control-max-age', '600',
    'vary', 'origin, access-control-request-headers',
  ])
  res.end()
  return true
}
