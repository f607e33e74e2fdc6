import { setTimeout as pause } from 'node:timers/promises'
import type { LeasesRepo } from '../db/repos/leases'
import type { Kv, Lease } from '../kv/kv'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'

/** The right to renew one account's credentials, over all instances. */
export interface TokenLock {
  /** Holds on for another term. */
  prolong(): Promise<void>
  release(): Promise<void>
}

export interface TokenLocksDeps {
  kv: Kv
  leases: LeasesRepo
  clock: Clock
  /** Has this process the database for itself? Then a lock of others, left by one that was killed, is of no account. */
  alone: boolean
}

/** Longer than a renewal may take, so that no lock ends before its work. */
const TERM_MS = 90_000
const LOOK_MS = 100

/**
 * Takes the lock in the kv and as a lease of the database: each alone covers an outage of the other. A process that has its
 * database for itself needs neither: it runs one renewal per account anyway. Null when it is not to be
 * had within `waitMs`, when neither can tell what others do, or when `enough()` said that it is no longer needed.
 */
export async function takeTokenLock({ kv, leases, clock, alone }: TokenLocksDeps, accountId: string, waitMs: number, enough: () => boolean): Promise<TokenLock | null> {
  if (alone) return ownLock
  const name = `token:${accountId}`
  const end = clock.now() + waitMs
  for (;;) {
    const lock = await once()
    if (lock !== 'held') return lock
    await pause(LOOK_MS)
    if (enough() || clock.now() >= end) return null
  }

  async function once(): Promise<TokenLock | 'held' | null> {
    const lease = await kv.acquire(name, 1, TERM_MS)
    if (!lease) return 'held'
    const holder = newId()
    const row = await leaseRow(holder)
    if (row === 'taken') return lockOf(lease, holder)
    if (row === 'away' && await answers(kv)) return lockOf(lease, null)
    await kv.release(lease)
    return row === 'held' ? 'held' : null
  }

  async function leaseRow(holder: string): Promise<'taken' | 'held' | 'away'> {
    try {
      return await leases.acquire(name, holder, TERM_MS) ? 'taken' : 'held'
    }
    catch {
      // An outage of the database is logged where it is noticed first; the kv's half of the lock remains.
      return 'away'
    }
  }

  function lockOf(lease: Lease, holder: string | null): TokenLock {
    return {
      async prolong() {
        await kv.renew(lease, TERM_MS)
        if (holder !== null) await leases.renew(name, holder, TERM_MS)
      },
      async release() {
        await kv.release(lease)
        if (holder !== null) await leases.release(name, holder)
      },
    }
  }
}

const ownLock: TokenLock = { prolong: async () => undefined, release: async () => undefined }

/** Only a kv that instances share says something about the others. */
const answers = async (kv: Kv): Promise<boolean> => kv.kind === 'redis' && await kv.ping().then(() => true, () => false)
