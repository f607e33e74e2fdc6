/** Headers that belong to one connection (RFC 9110 §7.6.1) and are never passed on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']

/** Not passed to an upstream: the caller's credentials and cookies, what names the caller's network, what we set ourselves. */
const NOT_UPSTREAM = new Set([
  ...HOP_BY_HOP,
  'authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie',
  'host', 'content-length', 'expect', 'accept-encoding',
  'forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-server', 'x-forwarded-scheme',
  'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cf-connecting-ip', 'cf-connecting-ipv6', 'cf-ipcountry', 'cf-ray', 'cf-visitor', 'cdn-loop', 'fastly-client-ip', 'fly-client-ip',
  'origin', 'referer',
])

/** Not passed to the client: an account's identity and limits, cookies, and what governs the upstream's own site or connection. */
const NOT_CLIENT = new Set([
  ...HOP_BY_HOP,
  'set-cookie', 'set-cookie2', 'anthropic-organization-id', 'strict-transport-security', 'alt-svc', 'server', 'via', 'cf-ray', 'cf-cache-status', 'nel', 'report-to', 'reporting-endpoints',
  'content-security-policy', 'x-robots-tag', 'x-relay-request-id',
])
const NOT_CLIENT_PREFIXES = ['anthropic-ratelimit-', 'x-ratelimit-', 'ratelimit', 'access-control-', 'x-relay-']

/** Names that a `connection` header makes hop-by-hop. */
function named(raw: readonly string[]): Set<string> | null {
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]!.length === 10 && raw[i]!.toLowerCase() === 'connection') {
      const names = raw[i + 1]!.toLowerCase().split(',').map(name => name.trim())
      return names.length === 1 && (names[0] === 'keep-alive' || names[0] === 'close') ? null : new Set(names)
    }
  }
  return null
}

/**
 * The client's headers as they go to an upstream: an open list in the client's order and spelling, without what must not
 * leave, with `accept-encoding: identity`. Flat name, value list; credentials are added by the platform.
 */
export function upstreamHeaders(raw: readonly string[]): string[] {
  const hop = named(raw)
  const out: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    if (NOT_UPSTREAM.has(name) || name.startsWith('x-relay-') || hop?.has(name)) continue
    out.push(raw[i]!, raw[i + 1]!)
  }
  out.push('accept-encoding', 'identity')
  return out
}

/**
 * An upstream's headers as they go to the client, flat. With `decoded` the body is no longer as the headers describe it,
 * so its encoding and length are left out.
 */
export function clientHeaders(raw: readonly string[], decoded: boolean): string[] {
  const hop = named(raw)
  const out: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    if (NOT_CLIENT.has(name) || hop?.has(name) || NOT_CLIENT_PREFIXES.some(prefix => name.startsWith(prefix))) continue
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue
    out.push(raw[i]!, raw[i + 1]!)
  }
  return out
}

/** First value of a header in a flat list; `name` in lower case. */
export function headerOf(raw: readonly string[], name: string): string | undefined {
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.length === name.length && raw[i]!.toLowerCase() === name) return raw[i + 1]
  return undefined
}
