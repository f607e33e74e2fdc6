import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { ExpiringMap } from './expiring-map'
import { HitWindow } from './hit-window'
import type { Kv, Lease } from './kv'
import { createListeners } from './listeners'
import { createMemoryClaims } from './memory-claims'

interface Semaphore {
  /** Token → when its place ends, epoch-ms. */
  places: Map<string, number>
  lastEnd: number
}

/** State of one process, gone with it. A listener that throws is logged; without a logger its error is thrown on its own. */
export function createMemoryKv({ clock, logger }: { clock: Clock, logger?: Logger }): Kv & { claims: ReturnType<typeof createMemoryClaims> } {
  const values = new ExpiringMap<string>(clock)
  const windows = new ExpiringMap<HitWindow>(clock)
  const semaphores = new ExpiringMap<Semaphore>(clock)
  const listeners = createListeners(logger ? (err, channel) => logger.error({ err, channel }, 'A listener failed') : throwLater)
  const claims = createMemoryClaims(clock)
  let tokens = 0

  const end = (ttlMs: number | undefined) => ttlMs === undefined ? Infinity : clock.now() + ttlMs

  function placesOf(name: string): Map<string, number> {
    return semaphores.get(name)?.places ?? new Map<string, number>()
  }

  function withoutExpired(places: Map<string, number>): Map<string, number> {
    for (const [token, expiresAt] of places) {
      if (expiresAt <= clock.now()) places.delete(token)
    }
    return places
  }

  function place(name: string, places: Map<string, number>, token: string, ttlMs: number): void {
    const expiresAt = clock.now() + ttlMs
    const lastEnd = Math.max(expiresAt, semaphores.get(name)?.lastEnd ?? 0)
    places.set(token, expiresAt)
    semaphores.set(name, { places, lastEnd }, lastEnd)
  }

  return {
    kind: 'memory',
    claims,
    async get(key) {
      return values.get(key) ?? null
    },
    async set(key, value, ttlMs) {
      values.set(key, value, end(ttlMs))
    },
    async setIfAbsent(key, value, ttlMs) {
      if (values.get(key) !== undefined) return false
      values.set(key, value, end(ttlMs))
      return true
    },
    async setIfEqual(key, expected, value, ttlMs) {
      if (values.get(key) !== expected) return false
      values.set(key, value, end(ttlMs))
      return true
    },
    async deleteIfEqual(key, expected) {
      if (values.get(key) !== expected) return false
      values.delete(key)
      return true
    },
    async delete(key) {
      values.delete(key)
      windows.delete(key)
    },
    async incrBy(key, by, ttlMs) {
      const before = values.get(key)
      const sum = integer(before ?? '0') + integer(by)
      if (before === undefined) values.set(key, String(sum), end(ttlMs))
      else values.replace(key, String(sum))
      return sum
    },
    async hit(key, max, windowMs) {
      const now = clock.now()
      const window = windows.get(key) ?? new HitWindow()
      const answer = window.hit(now, max, windowMs)
      if (answer.allowed) windows.set(key, window, now + windowMs)
      return answer
    },
    async acquire(name, slots, ttlMs): Promise<Lease | null> {
      const places = placesOf(name)
      if (places.size >= slots && withoutExpired(places).size >= slots) return null
      const token = String(++tokens)
      place(name, places, token, ttlMs)
      return { name, token }
    },
    async renew({ name, token }, ttlMs) {
      const places = placesOf(name)
      if ((places.get(token) ?? 0) <= clock.now()) return false
      place(name, places, token, ttlMs)
      return true
    },
    async release({ name, token }) {
      const places = placesOf(name)
      places.delete(token)
      if (places.size === 0) semaphores.delete(name)
    },
    async held(name) {
      return withoutExpired(placesOf(name)).size
    },
    async publish(channel, message) {
      queueMicrotask(() => listeners.deliver(channel, message))
    },
    async subscribe(channel, listener) {
      const remove = listeners.add(channel, listener)
      return async () => remove()
    },
    // Never away.
    onReturn() {},
    async ping() {},
    async close() {
      listeners.clear()
      for (const map of [values, windows, semaphores, claims]) map.clear()
    },
  }
}

function integer(value: string | number): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new TypeError('incrBy needs whole numbers')
  return number
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
