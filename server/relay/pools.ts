import { Pool, type Dispatcher } from 'undici'
import { proxyConnector } from './proxy'

/** Connections to upstreams, one pool per (origin, proxy). */
export interface Pools {
  of(origin: string, proxyUrl: string | null): Dispatcher
  close(): Promise<void>
}

/** A proxy that was changed leaves its pools behind: the longest unused go beyond so many. */
const MAX_POOLS = 1_000

/**
 * `connectTimeoutMs` bounds TCP and TLS together, through a proxy each of its steps. All other time limits are the relay's own
 * (watch.ts), so undici's are off. Certificates are always verified.
 */
export function createPools({ connectTimeoutMs }: { connectTimeoutMs: number }): Pools {
  const pools = new Map<string, Pool>()
  const common = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 300_000 }

  function open(origin: string, proxyUrl: string | null): Pool {
    return new Pool(origin, { ...common, connect: proxyUrl ? proxyConnector(proxyUrl, connectTimeoutMs) : { timeout: connectTimeoutMs } })
  }

  /** Requests under way on it end as they would have. */
  function dropOldest(): void {
    const [oldest] = pools
    if (!oldest) return
    pools.delete(oldest[0])
    void oldest[1].close()
  }

  return {
    of(origin, proxyUrl) {
      const key = proxyUrl ? `${origin} ${proxyUrl}` : origin
      let pool = pools.get(key)
      if (!pool) {
        if (pools.size >= MAX_POOLS) dropOldest()
        pools.set(key, pool = open(origin, proxyUrl))
      }
      return pool
    },
    async close() {
      await Promise.all([...pools.values()].map(pool => pool.destroy()))
      pools.clear()
    },
  }
}
