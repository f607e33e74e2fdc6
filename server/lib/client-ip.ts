import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = [Address, number]

/** Peers remembered: the same few connect again and again. */
const MAX_PLAIN = 1_000

const words: Record<string, string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
}

/**
 * Finds the client's address: the peer's, or, while the hop is a trusted proxy, the one that it reports, walking
 * X-Forwarded-For from the right. An entry that is no address ends the walk. `trusted` holds addresses, CIDR
 * ranges and the words `loopback` and `private`; anything else throws. The answer is '' when the peer has no address.
 */
export function createClientIp(trusted: string[]): (remote: string | undefined, forwardedFor: string | undefined) => string {
  const ranges = parseRanges(trusted)
  const plain = new Map<string, string>()
  return (remote = '', forwardedFor) => {
    const known = forwardedFor ? undefined : plain.get(remote)
    if (known !== undefined) return known
    let client = parseAddress(remote)
    if (!client) return ''
    const hops = ranges.length && forwardedFor ? forwardedFor.split(',') : []
    if (hops.length === 0) {
      if (plain.size >= MAX_PLAIN) plain.clear()
      plain.set(remote, client.toString())
    }
    while (hops.length && isIn(client, ranges)) {
      const next = parseAddress(withoutPort(hops.pop()?.trim() ?? ''))
      if (!next) break
      client = next
    }
    return client.toString()
  }
}

/** True for addresses within the list, which holds the same kinds of entries as {@link createClientIp}'s. */
export function createIpMatcher(entries: string[]): (ip: string) => boolean {
  const ranges = parseRanges(entries)
  return (ip) => {
    const address = parseAddress(ip)
    return address !== null && isIn(address, ranges)
  }
}

/** What one party usually has: an IPv4 address, or the /64 network of an IPv6 address. Other text stays as it is. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return ip
  const address = parseAddress(ip)
  return address instanceof ipaddr.IPv6 ? `${address.parts.slice(0, 4).map(part => part.toString(16)).join(':')}::/64` : ip
}

/** Whether {@link createIpMatcher} takes the entry. */
export function isIpRange(entry: string): boolean {
  return entry in words || parseRange(entry) !== null
}

function parseRanges(entries: string[]): Range[] {
  return entries.flatMap(entry => words[entry] ?? [entry]).map((entry) => {
    const range = parseRange(entry)
    if (!range) throw new TypeError(`"${entry}" is not an IP address, a CIDR range, "loopback" or "private"`)
    return range
  })
}

function parseRange(entry: string): Range | null {
  const [, host = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const kind = isIP(host)
  if (!kind || host.includes('%')) return null
  const whole = kind === 4 ? 32 : 128
  const prefix = bits === undefined ? whole : Number(bits)
  if (prefix > whole) return null
  const address = ipaddr.parse(host)
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefix >= 96) return [address.toIPv4Address(), prefix - 96]
  return [address, prefix]
}

function isIn(address: Address, ranges: Range[]): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
}

/** Strict: neither octal nor shortened IPv4. An IPv4-mapped IPv6 address becomes IPv4; a zone is dropped. */
function parseAddress(text: string): Address | null {
  const plain = text.replace(/%.*$/, '')
  return isIP(plain) ? ipaddr.process(plain) : null
}

/** Some proxies write `1.2.3.4:5678` or `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(hop)?.[1] ?? hop
}
