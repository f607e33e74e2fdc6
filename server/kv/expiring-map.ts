import type { Clock } from '../lib/clock'

/** Entries looked at by each write, so that those nobody asks for again are let go without a timer. */
const sweptPerWrite = 4

interface Entry<T> {
  value: T
  /** Epoch-ms; Infinity: stays. */
  expiresAt: number
}

/** A map whose entries end: at once for readers, and in memory after a few more writes. */
export class ExpiringMap<T> {
  private readonly entries = new Map<string, Entry<T>>()
  private sweep = this.entries.entries()

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.entries.size
  }

  get(key: string): T | undefined {
    const entry = this.entries.get(key)
    if (!entry) return undefined
    if (entry.expiresAt > this.clock.now()) return entry.value
    this.entries.delete(key)
    return undefined
  }

  set(key: string, value: T, expiresAt: number): void {
    this.sweepSome()
    this.entries.set(key, { value, expiresAt })
  }

  /** Changes the value and keeps its end. */
  replace(key: string, value: T): void {
    const entry = this.entries.get(key)
    if (entry) entry.value = value
  }

  delete(key: string): void {
    this.entries.delete(key)
  }

  clear(): void {
    this.entries.clear()
  }

  private sweepSome(): void {
    const now = this.clock.now()
    for (let seen = 0; seen < sweptPerWrite; seen++) {
      const next = this.sweep.next()
      if (next.done) {
        this.sweep = this.entries.entries()
        return
      }
      const [key, entry] = next.value
      if (entry.expiresAt <= now) this.entries.delete(key)
    }
  }
}
