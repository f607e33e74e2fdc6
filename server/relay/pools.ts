import { Pool, ProxyAgent, Socks5ProxyAgent, type Dispatcher } from 'undici'

/** Connections to upstreams, one pool per (origin, proxy). */
export interface Pools {
  of(origin: string, proxyUrl: string | null): Dispatcher
  close(): Promise<void>
}

/**
 * `connectTimeoutMs` bounds TCP and TLS together. All other time limits are the relay's own (watch.ts), so undici's are off.
 * Certificates are always verified.
 */
export function createPools({ connectTimeoutMs }: { connectTimeoutMs: number }): Pools {
  const pools = new Map<string, Dispatcher>()
  const common = { connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 300_000, connect: { timeout: connectTimeoutMs } }

  function open(origin: string, proxyUrl: string | null): Dispatcher {
    if (!proxyUrl) return new Pool(origin, common)
    const { connect, ...limits } = common
    if (/^socks5h?:/.test(proxyUrl)) return new Socks5ProxyAgent(proxyUrl.replace('socks5h:', 'socks5:'), limits)
    return new ProxyAgent({ ...limits, uri: proxyUrl, requestTls: connect, proxyTls: connect })
  }

  return {
    of(origin, proxyUrl) {
      const key = `${origin} ${proxyUrl ?? ''}`
      let pool = pools.get(key)
      if (!pool) pools.set(key, pool = open(origin, proxyUrl))
      return pool
    },
    async close() {
      await Promise.all([...pools.values()].map(pool => pool.destroy()))
      pools.clear()
    },
  }
}
