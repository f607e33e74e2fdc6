import type { Kv, Lease } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { PoolAccount } from '../platforms/platform'
import { usability } from './state'

/** A place on an account, held while a request runs there. `release` may be called more than once. */
export interface Seat {
  account: PoolAccount
  release(): void
}

export type Refusal = 'room' | 'trial'

/** How many requests run on each account, and the caps on them over all instances. */
export interface Rooms {
  /** Takes a place; 'room' when the account is at its cap, 'trial' when another request tries a cooled account just now. */
  take(account: PoolAccount, force: boolean): Promise<Seat | Refusal>
  /** What `take` would answer now, without taking a place. Null: there is one. */
  look(account: PoolAccount): Promise<Refusal | null>
  /** Requests of this instance on the account now. */
  inFlight(accountId: string): number
  /** All accounts with requests of this instance, with their number. */
  running(): ReadonlyMap<string, number>
  /** Called with the account whenever a place becomes free. */
  onRelease(listener: (account: PoolAccount) => void): void
  stop(): void
}

/** What a process that died held is free again after this. */
const LEASE_MS = 30_000
const RENEW_MS = 10_000

export function createRooms({ kv, clock, logger }: { kv: Kv, clock: Clock, logger: Logger }): Rooms {
  const running = new Map<string, number>()
  const leases = new Set<{ lease: Lease }>()
  const listeners: ((account: PoolAccount) => void)[] = []

  /** What a request on the account must hold of the kv, and what is missing where there is none left of it. */
  function needs({ id, state, maxConcurrency }: PoolAccount, force: boolean): { name: string, slots: number, refusal: Refusal }[] {
    const all: ReturnType<typeof needs> = []
    if (!force && usability(state, clock.now()) === 'trial') all.push({ name: `trial:${id}`, slots: 1, refusal: 'trial' })
    if (maxConcurrency > 0) all.push({ name: `room:${id}`, slots: maxConcurrency, refusal: 'room' })
    return all
  }

  const count = (id: string, by: number): void => {
    const next = (running.get(id) ?? 0) + by
    if (next > 0) running.set(id, next)
    else running.delete(id)
  }
  const quietly = (work: Promise<unknown>): void => void work.catch((error: unknown) => logger.warn({ err: error }, 'a place on an account could not be given back at once and will expire'))

  /** A lease that was lost (its store restarted) is taken anew beyond the cap, since its request runs on. */
  async function renew(entry: { lease: Lease }): Promise<void> {
    if (await kv.renew(entry.lease, LEASE_MS) || !leases.has(entry)) return
    entry.lease = await kv.acquire(entry.lease.name, Number.MAX_SAFE_INTEGER, LEASE_MS) ?? entry.lease
    if (!leases.has(entry)) await kv.release(entry.lease)
  }
  const renewAll = (): void => {
    for (const entry of leases) quietly(renew(entry))
  }
  const timer = setInterval(renewAll, RENEW_MS).unref()
  kv.onReturn(renewAll)

  function seat(account: PoolAccount, taken: Lease[]): Seat {
    const entries = taken.map(lease => ({ lease }))
    for (const entry of entries) leases.add(entry)
    let held = true
    count(account.id, 1)
    return {
      account,
      release() {
        if (!held) return
        held = false
        count(account.id, -1)
        for (const entry of entries) leases.delete(entry)
        const given = Promise.all(entries.map(({ lease }) => kv.release(lease)))
        quietly(given.finally(() => listeners.forEach(listener => listener(account))))
      },
    }
  }

  return {
    async take(account, force) {
      const taken: Lease[] = []
      for (const { name, slots, refusal } of needs(account, force)) {
        const lease = await kv.acquire(name, slots, LEASE_MS)
        if (!lease) {
          await Promise.all(taken.map(each => kv.release(each)))
          return refusal
        }
        taken.push(lease)
      }
      return seat(account, taken)
    },
    async look(account) {
      for (const { name, slots, refusal } of needs(account, false)) {
        if (await kv.held(name) >= slots) return refusal
      }
      return null
    },
    inFlight: id => running.get(id) ?? 0,
    running: () => running,
    onRelease: listener => void listeners.push(listener),
    stop: () => clearInterval(timer),
  }
}
