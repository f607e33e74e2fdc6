import type { Kv } from './kv'

/**
 * The shared kv with the process's own memory behind it: while the shared one is away, limits, sessions and places are kept per
 * process instead of failing requests. What was kept meanwhile is not carried over. `ping` and `subscribe` stay the shared one's.
 */
export function withFallback(shared: Kv, own: Kv): Kv {
  const either = async <T>(call: (kv: Kv) => Promise<T>): Promise<T> => {
    try {
      return await call(shared)
    }
    catch (error) {
      if (isMistake(error)) throw error
      // The shared kv logs each of its outages once.
      return call(own)
    }
  }

  return {
    kind: shared.kind,
    get: key => either(kv => kv.get(key)),
    set: (key, value, ttlMs) => either(kv => kv.set(key, value, ttlMs)),
    setIfAbsent: (key, value, ttlMs) => either(kv => kv.setIfAbsent(key, value, ttlMs)),
    // In both: what was set here during an outage must not come back in the next one.
    async delete(key) {
      await own.delete(key)
      await either(kv => kv.delete(key))
    },
    incrBy: (key, by, ttlMs) => either(kv => kv.incrBy(key, by, ttlMs)),
    hit: (key, max, windowMs) => either(kv => kv.hit(key, max, windowMs)),
    acquire: (name, slots, ttlMs) => either(kv => kv.acquire(name, slots, ttlMs)),
    // A place of the shared kv cannot be prolonged while it is away, and its request runs on all the same.
    async renew(lease, ttlMs) {
      if (await own.renew(lease, ttlMs)) return true
      try {
        return await shared.renew(lease, ttlMs)
      }
      catch (error) {
        if (isMistake(error)) throw error
        return true
      }
    },
    async release(lease) {
      await own.release(lease)
      await either(kv => kv.release(lease))
    },
    held: name => either(kv => kv.held(name)),
    publish: (channel, message) => either(kv => kv.publish(channel, message)),
    subscribe: (channel, listener) => shared.subscribe(channel, listener),
    ping: () => shared.ping(),
    async close() {
      await shared.close()
      await own.close()
    },
  }
}

/** The caller's mistake, which the server itself answered: no outage. `LOADING`, `READONLY`, `OOM` and the like are outages. */
const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || (error instanceof Error && error.name === 'ReplyError' && /^(?:ERR|WRONGTYPE)\b/.test(error.message))
