import ipaddr from 'ipaddr.js'

const localName = /^(?:.*\.)?(?:localhost|local|internal|intranet|home\.arpa|lan)\.?$/i

/**
 * True for a URL whose host is written as a non-public address or a name that is local by convention.
 * A name that resolves to such an address is found only when connecting.
 */
export function isPrivateUrl(url: string): boolean {
  const host = new URL(specialScheme(url)).hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host)) return ipaddr.process(host).range() !== 'unicast'
  return localName.test(host) || !host.includes('.')
}

/** Only special schemes have their host normalised (0x7f.1 is 127.0.0.1), so a socks URL is read as an http one. */
const specialScheme = (url: string): string => url.replace(/^\w+:/, 'http:')
