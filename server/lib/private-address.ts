import ipaddr from 'ipaddr.js'

const localName = /^(?:.*\.)?(?:localhost|local|internal|intranet|home\.arpa|lan)\.?$/i

/** Of IPv6 only this block is given out for the internet (RFC 4291 §2.4); it holds no IPv4-compatible address either. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** A cloud's own services that lie among public addresses: Azure's metadata and wire server. */
const metadata = new Set(['168.63.129.16'])

/**
 * False for loopback, link-local, private, unique-local, carrier, multicast, metadata and every other address that is not of the
 * public internet, for those that carry another one (IPv4-mapped with such a one inside, NAT64, 6to4, Teredo), and for text
 * that is no address. Odd forms (decimal, hexadecimal, octal, shortened) count as what they mean.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast' || metadata.has(parsed.toString())) return false
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(globalUnicast)
}

/** Is the address one of this machine's own? IPv4-mapped ones count as what they carry. */
export const isLoopback = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'

/** Is it written as an address, in whatever form? */
export const isAddress = (host: string): boolean => ipaddr.isValid(host)

/**
 * True for a URL whose host is written as a non-public address or a name that is local by convention.
 * A name that resolves to such an address is found only when connecting: see guarded-connect.ts.
 */
export const isPrivateUrl = (url: string): boolean => isPrivateHost(hostOf(new URL(specialScheme(url)).hostname))

/** The same for a host, without brackets. */
export function isPrivateHost(host: string): boolean {
  if (isAddress(host)) return !isPublicAddress(host)
  return localName.test(host) || !host.includes('.')
}

/** An IPv6 host without its brackets. */
export const hostOf = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** Only special schemes have their host normalised (0x7f.1 is 127.0.0.1), so a socks URL is read as an http one. */
const specialScheme = (url: string): string => url.replace(/^\w+:/, 'http:')
