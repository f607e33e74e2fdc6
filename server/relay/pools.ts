import { Pool, type Dispatcher } from 'undici'
import { connectorWithin, reachAnywhere, reachLoopback, reachPublic, type Reach, type Resolve } from '../lib/guarded-connect'
import { proxyConnector } from './proxy'

/** The way to an upstream. An account is one. */
export interface Route {
  proxyUrl: string | null
  /** May neither the upstream nor the proxy be a private address? Looked at for each new connection, never per request. */
  publicOnly: boolean
}

/** Connections to upstreams, one pool per (origin, proxy, reach): what is open to private addresses is never lent to others. */
export interface Pools {
  of(origin: string, route: Route): Dispatcher
  close(): Promise<void>
}

/** A proxy that was changed leaves its pools behind: the longest unused go beyond so many. */
const MAX_POOLS = 1_000

/**
 * `connectTimeoutMs` bounds TCP and TLS together, through a proxy each of its steps. All other time limits are the relay's own
 * (watch.ts), so undici's are off. Certificates are always verified. `loopbackOnly`: nothing but this machine is
 * reached, whatever a route says. `resolve` stands in for the system's name look-up in tests.
 */
export function createPools({ connectTimeoutMs, loopbackOnly = false, resolve }: { connectTimeoutMs: number, loopbackOnly?: boolean, resolve?: Resolve }): Pools {
  const anywhere = createPoolsWithin(loopbackOnly ? reachLoopback(resolve) : reachAnywhere(resolve), connectTimeoutMs)
  const publicOnly = createPoolsWithin(loopbackOnly ? reachLoopback(resolve) : reachPublic(resolve), connectTimeoutMs)
  return {
    of: (origin, route) => (route.publicOnly ? publicOnly : anywhere).of(origin, route.proxyUrl),
    async close() {
      await Promise.all([anywhere.close(), publicOnly.close()])
    },
  }
}

function createPoolsWithin(reach: Reach, connectTimeoutMs: number) {
  const pools = new Map<string, Pool>()
  const common = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 300_000 }

  function open(origin: string, proxyUrl: string | null): Pool {
    return new Pool(origin, { ...common, connect: proxyUrl ? proxyConnector(proxyUrl, connectTimeoutMs, reach) : connectorWithin(reach, connectTimeoutMs) })
  }

  /** Requests under way on it end as they would have. */
  function dropOldest(): void {
    const [oldest] = pools
    if (!oldest) return
    pools.delete(oldest[0])
    void oldest[1].close()
  }

  return {
    of(origin: string, proxyUrl: string | null): Dispatcher {
      const key = proxyUrl ? `${origin} ${proxyUrl}` : origin
      let pool = pools.get(key)
      if (!pool) {
        if (pools.size >= MAX_POOLS) dropOldest()
        pools.set(key, pool = open(origin, proxyUrl))
      }
      return pool
    },
    async close(): Promise<void> {
      await Promise.all([...pools.values()].map(pool => pool.destroy()))
      pools.clear()
    },
  }
}
