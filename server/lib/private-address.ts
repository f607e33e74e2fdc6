import ipaddr from 'ipaddr.js'

const localName = /^(?:.*\.)?(?:localhost|local|internal|intranet|home\.arpa|lan)\.?$/i

/** False for loopback, link-local, private, carrier, multicast and every other address that is not of the public internet; also for text that is no address. */
export const isPublicAddress = (address: string): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'

/**
 * True for a URL whose host is written as a non-public address or a name that is local by convention.
 * A name that resolves to such an address is found only when connecting: see outbound.ts.
 */
export function isPrivateUrl(url: string): boolean {
  const host = hostOf(new URL(specialScheme(url)).hostname)
  if (ipaddr.isValid(host)) return !isPublicAddress(host)
  return localName.test(host) || !host.includes('.')
}

/** An IPv6 host without its brackets. */
export const hostOf = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** Only special schemes have their host normalised (0x7f.1 is 127.0.0.1), so a socks URL is read as an http one. */
const specialScheme = (url: string): string => url.replace(/^\w+:/, 'http:')
