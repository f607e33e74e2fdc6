import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { hostOf, isAddress, isLoopback, isPrivateHost, isPublicAddress } from './private-address'

/** An address that may not be reached, found before anything is connected: trying again gives the same. */
export class OutOfReachError extends Error {}

/** The host is, or resolves to, an address outside the public internet. Refused before anything is connected. */
export class PrivateAddressError extends OutOfReachError {
  override name = 'PrivateAddressError'
  readonly code = 'private_address'

  /** What the host resolves to is left out: names of the operator's own network are nobody's business. */
  constructor(host: string) {
    super(`${host} is a private address, or leads to one. What users enter may reach public addresses only; an account that needs a private one has to belong to an admin.`)
  }
}

/** The host is not this machine, and nothing else may be reached. */
export class NotLoopbackError extends OutOfReachError {
  override name = 'NotLoopbackError'
  readonly code = 'not_loopback'

  constructor(host: string) {
    super(`${host} is not this machine, and a demo reaches nothing else.`)
  }
}

/** The system's name look-up, or what stands in for it in tests. */
export type Resolve = (hostname: string, options: LookupOptions & { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

export const resolveBySystem: Resolve = (hostname, options, callback) => systemLookup(hostname, options, callback)

/** How far a connection may reach: anywhere, public addresses only, or this machine only. */
export interface Reach {
  /** For sockets. Looks at the very addresses that get connected to, so that a name cannot change its mind in between. */
  lookup: LookupFunction
  /** For hosts that are addresses, which no socket looks up. Throws {@link PrivateAddressError}. */
  checkHost(host: string): void
  /** For hosts that somebody else looks up, as a proxy does: names that are local by convention are refused as well. */
  checkFarHost(host: string): void
}

export function reachAnywhere(resolve: Resolve = resolveBySystem): Reach {
  return { lookup: lookupWith(resolve, () => null), checkHost: () => undefined, checkFarHost: () => undefined }
}

/** Of a name all addresses must be public: which one gets connected to is the socket's choice. */
export function reachPublic(resolve: Resolve = resolveBySystem): Reach {
  return {
    lookup: lookupWith(resolve, (host, address) => isPublicAddress(address) ? null : new PrivateAddressError(host)),
    checkHost(host) {
      if (isAddress(host) && !isPublicAddress(host)) throw new PrivateAddressError(host)
    },
    checkFarHost(host) {
      if (isPrivateHost(host)) throw new PrivateAddressError(host)
    },
  }
}

/** A proxy would look up by itself, so none is spoken to. */
export function reachLoopback(resolve: Resolve = resolveBySystem): Reach {
  const refuse = (host: string): void => {
    throw new NotLoopbackError(host)
  }
  return {
    lookup: lookupWith(resolve, (host, address) => isLoopback(address) ? null : new NotLoopbackError(host)),
    checkHost(host) {
      if (isAddress(host) && !isLoopback(host)) refuse(host)
    },
    checkFarHost: refuse,
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

function lookupWith(resolve: Resolve, refused: (host: string, address: string) => Error | null): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const refusal = addresses.map(({ address }) => refused(hostname, address)).find(found => found !== null)
      if (refusal) return callback(refusal, '', 0)
      if (options.all) return callback(null, addresses)
      const [first] = addresses
      callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}
