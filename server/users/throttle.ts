import type { Kv } from '../kv/kv'
import { AppError } from '../lib/errors'
import type { Clock } from '../lib/clock'
import { sha256Hex } from '../lib/hash'

const WINDOW_MS = 15 * 60_000
/** A name alone has a wide cap, so that a stranger cannot lock its owner out quickly from elsewhere. */
const MAX_PER_NAME_AND_IP = 10
const MAX_PER_NAME = 100
const MAX_PER_IP = 50

/** Counts sign-ins before they are tried, so that parallel guesses cannot slip through; a right one is taken back. */
export function createSignInThrottle({ kv, clock }: { kv: Kv, clock: Clock }) {
  function counters(name: string, ip: string): [key: string, max: number][] {
    const frame = Math.floor(clock.now() / WINDOW_MS)
    return [
      [`login:both:${sha256Hex(`${name}\n${ip}`)}:${frame}`, MAX_PER_NAME_AND_IP],
      [`login:name:${sha256Hex(name)}:${frame}`, MAX_PER_NAME],
      [`login:ip:${ip}:${frame}`, MAX_PER_IP],
    ]
  }

  return {
    /** Throws `rate_limited` when too many sign-ins of this name or address failed. Returns what to call when this one succeeds. */
    async enter(name: string, ip: string): Promise<() => Promise<void>> {
      const all = counters(name, ip)
      const sums = await Promise.all(all.map(([key]) => kv.incrBy(key, 1, WINDOW_MS)))
      if (all.some(([, max], at) => (sums[at] ?? 0) > max)) {
        const retryAfterMs = WINDOW_MS - clock.now() % WINDOW_MS
        throw new AppError('rate_limited', `Too many failed sign-ins. Try again in ${Math.ceil(retryAfterMs / 60_000)} minutes.`, { retryAfterMs })
      }
      return async () => {
        await Promise.all(all.map(([key]) => kv.incrBy(key, -1, WINDOW_MS)))
      }
    },
  }
}
