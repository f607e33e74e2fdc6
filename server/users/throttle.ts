import type { Kv } from '../kv/kv'
import { networkOf } from '../lib/client-ip'
import type { Clock } from '../lib/clock'
import { AppError } from '../lib/errors'
import { sha256Hex } from '../lib/hash'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** So many tries in each window, counted from fixed times, so that whoever is kept out is let in again after one window at most. */
interface Cap {
  key: string
  max: number
  windowMs: number
}

/** What is tried; the subject is a folded name or address. Addresses of the net: IPv4, or an IPv6 /64 network. */
const caps = {
  /** A name alone has a wide cap, so that a stranger cannot lock its owner out from elsewhere. */
  login: (name: string, ip: string): Cap[] => [
    { key: `login:ip:${ip}`, max: 50, windowMs: 15 * MINUTE },
    { key: `login:both:${sha256Hex(`${name}\n${ip}`)}`, max: 10, windowMs: 15 * MINUTE },
    { key: `login:name:${sha256Hex(name)}`, max: 100, windowMs: 15 * MINUTE },
  ],
  /** Mails with a code. */
  mail: (address: string, ip: string): Cap[] => [
    { key: `mail:ip:${ip}`, max: 20, windowMs: HOUR },
    { key: `mail:both:${sha256Hex(`${address}\n${ip}`)}`, max: 3, windowMs: 15 * MINUTE },
    { key: `mail:address:${sha256Hex(address)}`, max: 10, windowMs: HOUR },
  ],
  /** Codes that are entered; each code has a cap of its own besides. */
  code: (_subject: string, ip: string): Cap[] => [{ key: `code:ip:${ip}`, max: 50, windowMs: 15 * MINUTE }],
  register: (_subject: string, ip: string): Cap[] => [{ key: `register:ip:${ip}`, max: 20, windowMs: 15 * MINUTE }],
  /** Keys and links that are asked about on the public page. */
  keyQuery: (_subject: string, ip: string): Cap[] => [{ key: `key-query:ip:${ip}`, max: 20, windowMs: 15 * MINUTE }],
}

export type ThrottleKind = keyof typeof caps

/** Counts tries before they are made, so that parallel ones cannot slip through. */
export function createThrottle({ kv, clock }: { kv: Kv, clock: Clock }) {
  return {
    /**
     * Throws `rate_limited` when there were too many tries. Returns what to call when this one was right: it is taken back then.
     * What one cap refuses does not count for those after it: a stranger's tries from one place never use up what a name or address has.
     */
    async enter(kind: ThrottleKind, subject: string, ip: string | null): Promise<() => Promise<void>> {
      const counted: string[] = []
      for (const { key, max, windowMs } of caps[kind](subject, networkOf(ip ?? ''))) {
        const now = clock.now()
        const framed = `${key}:${Math.floor(now / windowMs)}`
        counted.push(framed)
        if (await kv.incrBy(framed, 1, windowMs) > max) {
          const retryAfterMs = windowMs - now % windowMs
          throw new AppError('rate_limited', `Too many tries. Try again in ${Math.ceil(retryAfterMs / MINUTE)} minutes.`, { retryAfterMs })
        }
      }
      return async () => {
        await Promise.all(counted.map(key => kv.incrBy(key, -1, HOUR)))
      }
    },
  }
}

export type Throttle = ReturnType<typeof createThrottle>
