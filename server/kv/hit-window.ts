/** Gone hits are cut from the list only when so many lead it, so that each hit is moved a bounded number of times. */
const COMPACT_AT = 64

/**
 * Hits of a sliding window, oldest first. Each hit enters and leaves once, however many the window holds:
 * a limit of thousands per minute costs no more per request than one of ten.
 */
export class HitWindow {
  #times: number[] = []
  #first = 0

  /** Takes a hit at `now` (epoch-ms) when fewer than `max` lie within `windowMs`; otherwise tells when there is room. */
  hit(now: number, max: number, windowMs: number): { allowed: boolean, count: number, retryAfterMs: number } {
    const retryAfterMs = this.retryAfterMs(now, max, windowMs)
    if (retryAfterMs !== null) return { allowed: false, count: this.count, retryAfterMs }
    this.add(now)
    return { allowed: true, count: this.count, retryAfterMs: 0 }
  }

  /** Milliseconds until there is room for one more under `max`, at least one at a time; null when there is room now. */
  retryAfterMs(now: number, max: number, windowMs: number): number | null {
    this.#leave(now - windowMs)
    if (this.count < max) return null
    return (this.#times[this.#times.length - max] ?? now) + windowMs - now
  }

  add(now: number): void {
    this.#times.push(now)
  }

  /** Hits that lay in the window when it was last asked. */
  get count(): number {
    return this.#times.length - this.#first
  }

  #leave(until: number): void {
    while (this.#first < this.#times.length && this.#times[this.#first]! <= until) this.#first++
    if (this.#first < COMPACT_AT || this.#first * 2 < this.#times.length) return
    this.#times = this.#times.slice(this.#first)
    this.#first = 0
  }
}
