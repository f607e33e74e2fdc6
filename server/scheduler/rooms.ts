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
  /** Requests of this instance on the account now. */
  inFlight(accountId: string): number
  /** Called with the account whenever a place becomes free. */
  onRelease(listener: (account: PoolAccount) => void): void
  stop(): void
}

const LEASE_MS = 60_000
const RENEW_MS = 20_000

export function createRooms({ kv, clock, logger, trialMs }: { kv: Kv, clock: Clock, logger: Logger, trialMs: number }): Rooms {
  const running = new Map<string, number>()
  const leases = new Set<{ lease: Lease, account: PoolAccount }>()
  const listeners: ((account: PoolAccount) => void)[] = []

  const count = (id: string, by: number): void => {
    const next = (running.get(id) ?? 0) + by
    if (next > 0) running.set(id, next)
    else running.delete(id)
  }
  const quietly = (work: Promise<unknown>): void => void work.catch((error: unknown) => logger.warn({ err: error }, 'a place on an account could not be given back at once and will expire'))

  /** A lease that was lost (its store restarted) is taken anew beyond the cap, since its request runs on. */
  async function renew(entry: { lease: Lease, account: PoolAccount }): Promise<void> {
    if (await kv.renew(entry.lease, LEASE_MS) || !leases.has(entry)) return
    entry.lease = await kv.acquire(entry.lease.name, Number.MAX_SAFE_INTEGER, LEASE_MS) ?? entry.lease
  }
  const timer = setInterval(() => {
    for (const entry of leases) quietly(renew(entry))
  }, RENEW_MS)
  timer.unref()

  function seat(account: PoolAccount, lease: Lease | null, trial: string | null): Seat {
    const entry = lease && { lease, account }
    let held = true
    if (entry) leases.add(entry)
    count(account.id, 1)
    return {
      account,
      release() {
        if (!held) return
        held = false
        count(account.id, -1)
        if (trial !== null) quietly(kv.delete(trial))
        const given = entry ? kv.release(entry.lease) : Promise.resolve()
        if (entry) leases.delete(entry)
        quietly(given.finally(() => listeners.forEach(listener => listener(account))))
      },
    }
  }

  return {
    async take(account, force) {
      const trial = !force && usability(account.state, clock.now()) === 'trial' ? `trial:${account.id}` : null
      if (trial !== null && !await kv.setIfAbsent(trial, '1', trialMs)) return 'trial'
      if (account.maxConcurrency <= 0) return seat(account, null, trial)
      const lease = await kv.acquire(`room:${account.id}`, account.maxConcurrency, LEASE_MS)
      if (lease) return seat(account, lease, trial)
      if (trial !== null) await kv.delete(trial)
      return 'room'
    },
    inFlight: id => running.get(id) ?? 0,
    onRelease: listener => void listeners.push(listener),
    stop: () => clearInterval(timer),
  }
}
