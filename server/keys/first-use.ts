import type { ApiKeysRepo } from '../db/repos/api-keys'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { KeyFacts } from './principal'

const DAY_MS = 86_400_000
const RETRY_MS = 5_000

/** When a key with a life of `days` from its first use ends; an earlier end stays. */
export const endOfLife = (firstUsedAt: number, days: number | null, expiresAt: number | null): number | null => {
  if (days === null) return expiresAt
  const end = firstUsedAt + days * DAY_MS
  return expiresAt === null ? end : Math.min(end, expiresAt)
}

interface FirstUseDeps {
  repo: Pick<ApiKeysRepo, 'firstUse'>
  changes: Pick<Changes, 'emit' | 'receive'>
  clock: Clock
  logger: Logger
}

/** Notes the first use of keys, from which the life of some is counted. Of several instances the first one to write wins. */
export function createFirstUse({ repo, changes, clock, logger }: FirstUseDeps) {
  const writing = new Map<string, number>()
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false

  async function write(id: string, at: number): Promise<void> {
    try {
      // Who comes second takes the time of the first.
      if (await repo.firstUse(id, at)) await changes.emit('key', id)
      else await changes.receive('key', id)
      writing.delete(id)
    }
    catch (error) {
      logger.warn({ err: error, keyId: id }, 'the first use of a key could not be written and is tried again')
      if (stopped) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        void write(id, at)
      }, RETRY_MS)
      timers.add(timer.unref())
    }
  }

  return {
    /** In force on this instance at once. */
    note(key: KeyFacts): void {
      const under = writing.get(key.id)
      const at = under ?? clock.now()
      key.firstUsedAt = at
      key.expiresAt = endOfLife(at, key.expiresInDays, key.expiresAt)
      if (under !== undefined) return
      writing.set(key.id, at)
      void write(key.id, at)
    },
    stop(): void {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

export type FirstUse = ReturnType<typeof createFirstUse>
