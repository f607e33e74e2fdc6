import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { hostOf, isAddress, isPrivateHost, isPublicAddress } from './private-address'

/** The host is, or resolves to, an address outside the public internet. Refused before anything is connected. */
export class PrivateAddressError extends Error {
  override name = 'PrivateAddressError'
  readonly code = 'private_address'

  /** What the host resolves to is left out: names of the operator's own network are nobody's business. */
  constructor(host: string) {
    super(`${host} is a private address, or leads to one. What users enter may reach public addresses only; an account that needs a private one has to belong to an admin.`)
  }
}

/** The system's name look-up, or what stands in for it in tests. */
export type Resolve = (hostname: string, options: LookupOptions & { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

export const resolveBySystem: Resolve = (hostname, options, callback) => systemLookup(hostname, options, callback)

/** How far a connection may reach: anywhere, or public addresses only. */
export interface Reach {
  /** For sockets. Looks at the very addresses that get connected to, so that a name cannot change its mind in between. */
  lookup: LookupFunction
  /** For hosts that are addresses, which no socket looks up. Throws {@link PrivateAddressError}. */
  checkHost(host: string): void
  /** For hosts that somebody else looks up, as a proxy does: names that are local by convention are refused as well. */
  checkFarHost(host: string): void
}

export function reachAnywhere(resolve: Resolve = resolveBySystem): Reach {
  return { lookup: lookupWith(resolve, () => true), checkHost: () => undefined, checkFarHost: () => undefined }
}

/** Of a name all addresses must be public: which one gets connected to is the socket's choice. */
export function reachPublic(resolve: Resolve = resolveBySystem): Reach {
  return {
    lookup: lookupWith(resolve, isPublicAddress),
    checkHost(host) {
      if (isAddress(host) && !isPublicAddress(host)) throw new PrivateAddressError(host)
    },
    checkFarHost(host) {
      if (isPrivateHost(host)) throw new PrivateAddressError(host)
    },
  }
}

type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => void

/** Puts a check before a connector. Undici may loop for ever when it is told of a failure in the very turn in which it asks. */
export const checkedFirst = (check: (options: buildConnector.Options) => void, connect: Connect): Connect => (options, callback) => {
  try {
    check(options)
  }
  catch (error) {
    setImmediate(callback, error as Error, null)
    return
  }
  connect(options, callback)
}

/** Opens undici's connections within a reach. `timeoutMs` bounds TCP and TLS together. */
export function connectorWithin({ lookup, checkHost }: Reach, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup })
  return checkedFirst(({ hostname }) => checkHost(hostOf(hostname)), connect)
}

function lookupWith(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      if (!addresses.every(({ address }) => isAllowed(address))) return callback(new PrivateAddressError(hostname), '', 0)
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}
