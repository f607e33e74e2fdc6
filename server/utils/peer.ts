import { getRequestHeader, type H3Event } from 'h3'
import type { TLSSocket } from 'node:tls'
import { createIpMatcher } from '#server/lib/client-ip'
import { useRuntime } from '#server/runtime'

let trusted: ((ip: string) => boolean) | undefined

/** Does the request come straight from a proxy whose forwarding headers count? */
export function isFromTrustedProxy(event: H3Event): boolean {
  trusted ??= createIpMatcher(useRuntime().config.TRUSTED_PROXIES)
  return trusted(event.node.req.socket?.remoteAddress ?? '')
}

/** The client's address; null for requests that the server makes to itself. */
export function clientIpOf(event: H3Event): string | null {
  return useRuntime().clientIp(event.node.req.socket?.remoteAddress, getRequestHeader(event, 'x-forwarded-for')) || null
}

/** Did the client speak TLS, with us or with a trusted proxy? */
export function isHttps(event: H3Event): boolean {
  if ((event.node.req.socket as Partial<TLSSocket> | undefined)?.encrypted) return true
  return isFromTrustedProxy(event) && firstOf(getRequestHeader(event, 'x-forwarded-proto')) === 'https'
}

/** Hosts under which the client may know us: Host, and X-Forwarded-Host of a trusted proxy. */
export function hostsOf(event: H3Event): string[] {
  const forwarded = isFromTrustedProxy(event) ? firstOf(getRequestHeader(event, 'x-forwarded-host')) : undefined
  return [getRequestHeader(event, 'host')?.toLowerCase(), forwarded].filter(host => host !== undefined)
}

const hostName = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/

/** Where people and clients reach this server: PUBLIC_URL, else the host that the request came to; nothing else gets into a page. */
export function originOf(event: H3Event): string {
  const { PUBLIC_URL, PORT } = useRuntime().config
  if (PUBLIC_URL) return PUBLIC_URL.replace(/\/+$/, '')
  const host = hostsOf(event).findLast(name => hostName.test(name)) ?? `localhost:${PORT}`
  return `${isHttps(event) ? 'https' : 'http'}://${host}`
}

const firstOf = (list: string | undefined): string | undefined => list?.split(',')[0]?.trim().toLowerCase() || undefined
