import { networkOf } from '../lib/client-ip'
import type { Clock } from '../lib/clock'

/** Wrong keys that one address (IPv6: one /64 network) may send within {@link WINDOW_MS}; further ones are not even looked up. */
const MAX_WRONG_KEYS = 20
export const WINDOW_MS = 60_000
const MAX_REMEMBERED = 10_000

/** Keeps strangers from guessing keys. Counts before the look-up, so that parallel guesses cannot slip through. */
export class WrongKeys {
  readonly #seen = new Map<string, { since: number, count: number }>()

  constructor(private readonly clock: Clock) {}

  /** Milliseconds until an unknown key from this address is looked up again; 0 = now. */
  waitMs(ip: string): number {
    const seen = this.#seen.get(networkOf(ip))
    return seen && seen.count > MAX_WRONG_KEYS ? Math.max(0, seen.since + WINDOW_MS - this.clock.now()) : 0
  }

  /** Counts an unknown key; false when it is one too many to be looked up. */
  note(ip: string): boolean {
    const network = networkOf(ip)
    const now = this.clock.now()
    const seen = this.#seen.get(network)
    if (seen && now - seen.since < WINDOW_MS) return ++seen.count <= MAX_WRONG_KEYS
    // Put to the end: the address seen longest ago gives way first.
    this.#seen.delete(network)
    if (this.#seen.size >= MAX_REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!)
    this.#seen.set(network, { since: now, count: 1 })
    return true
  }

  /** The key was right after all. */
  takeBack(ip: string): void {
    const seen = this.#seen.get(networkOf(ip))
    if (seen) seen.count--
  }
}
