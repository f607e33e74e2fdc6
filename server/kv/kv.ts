import type { Claims } from './claims'

/** A semaphore slot: given back with `release`, gone by itself after its time to live. */
export interface Lease {
  readonly name: string
  readonly token: string
}

/**
 * State shared by the instances of one installation: process memory, or Redis. All times are milliseconds.
 * Every adapter passes the suite in tests/contract/kv.ts.
 */
export interface Kv {
  readonly kind: 'memory' | 'redis'

  get(key: string): Promise<string | null>
  set(key: string, value: string, ttlMs?: number): Promise<void>
  /** True when the key was absent and is now set. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Sets the key, with a new time to live, when it has exactly the value `expected`; false and untouched otherwise. */
  setIfEqual(key: string, expected: string, value: string, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<void>
  /** Deletes the key when it has exactly the value `expected`; false and untouched otherwise. */
  deleteIfEqual(key: string, expected: string): Promise<boolean>

  /** Adds `by` (integer, may be negative) and returns the sum; the time to live is set when the key is made. */
  incrBy(key: string, by: number, ttlMs?: number): Promise<number>
  /** Counts one hit in a sliding window; refuses without counting when `max` hits lie within `windowMs`. */
  hit(key: string, max: number, windowMs: number): Promise<{ allowed: boolean, count: number, retryAfterMs: number }>

  /** Takes one of `slots` places, or null. `renew` prolongs it, false when it has expired. */
  acquire(name: string, slots: number, ttlMs: number): Promise<Lease | null>
  renew(lease: Lease, ttlMs: number): Promise<boolean>
  release(lease: Lease): Promise<void>
  /** Places taken now. */
  held(name: string): Promise<number>
  /** Limits that a request must pass, checked and taken at once. */
  readonly claims: Claims

  publish(channel: string, message: string): Promise<void>
  /** Returns the function that ends the subscription. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>

  /** Calls the listener each time the store is back after it was away: what was kept in it may be gone. */
  onReturn(listener: () => void): void
  /** Round trip to the store; rejects when it is away. */
  ping(): Promise<void>
  close(): Promise<void>
}
