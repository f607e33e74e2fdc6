import { fallbackClaims } from './fallback-claims'
import type { Kv } from './kv'
import type { createMemoryKv } from './memory'

/**
 * The shared kv with the process's own memory behind it: while the shared one is away, limits, sessions and places are kept per
 * process instead of failing requests. What was kept meanwhile is not carried over. `ping`, `subscribe` and `onReturn` stay the shared one's.
 */
export function withFallback(shared: Kv, own: ReturnType<typeof createMemoryKv>): Kv {
  const first = async <T>(ofShared: () => Promise<T>, ofOwn: () => Promise<T>, onShared: () => void = () => undefined): Promise<T> => {
    let answer: T
    try {
      answer = await ofShared()
    }
    catch (error) {
      if (isMistake(error)) throw error
      // The shared kv logs each of its outages once.
      return ofOwn()
    }
    onShared()
    return answer
  }
  const either = <T>(call: (kv: Kv) => Promise<T>): Promise<T> => first(() => call(shared), () => call(own))

  return {
    kind: shared.kind,
    get: key => either(kv => kv.get(key)),
    set: (key, value, ttlMs) => either(kv => kv.set(key, value, ttlMs)),
    setIfAbsent: (key, value, ttlMs) => either(kv => kv.setIfAbsent(key, value, ttlMs)),
    setIfEqual: (key, expected, value, ttlMs) => either(kv => kv.setIfEqual(key, expected, value, ttlMs)),
    // In both: what was set here during an outage must not come back in the next one.
    async deleteIfEqual(key, expected) {
      const gone = await own.deleteIfEqual(key, expected)
      return await either(kv => kv.deleteIfEqual(key, expected)) || gone
    },
    async delete(key) {
      await own.delete(key)
      await either(kv => kv.delete(key))
    },
    incrBy: (key, by, ttlMs) => either(kv => kv.incrBy(key, by, ttlMs)),
    hit: (key, max, windowMs) => either(kv => kv.hit(key, max, windowMs)),
    acquire: (name, slots, ttlMs) => either(kv => kv.acquire(name, slots, ttlMs)),
    // A place of the shared kv cannot be prolonged while it is away, and its request runs on all the same. One of this process
    // ends when the shared kv is back, so that whoever holds it takes one there.
    async renew(lease, ttlMs) {
      try {
        if (await shared.renew(lease, ttlMs)) return true
      }
      catch (error) {
        if (isMistake(error)) throw error
        await own.renew(lease, ttlMs)
        return true
      }
      await own.release(lease)
      return false
    },
    async release(lease) {
      await own.release(lease)
      await either(kv => kv.release(lease))
    },
    held: name => either(kv => kv.held(name)),
    claims: fallbackClaims(shared.claims, own.claims, first),
    publish: (channel, message) => either(kv => kv.publish(channel, message)),
    subscribe: (channel, listener) => shared.subscribe(channel, listener),
    onReturn: listener => shared.onReturn(listener),
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
