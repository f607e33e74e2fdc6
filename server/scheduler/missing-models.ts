import type { Clock } from '../lib/clock'
import type { PoolAccount } from '../platforms/platform'

const REMEMBER_MS = 600_000
const MAX = 10_000

/** Models that accounts said they lack: not asked of them again for ten minutes. */
export interface MissingModels {
  note(accountId: string, model: string): void
  lacks(account: PoolAccount, model: string): boolean
}

export function createMissingModels(clock: Clock): MissingModels {
  const until = new Map<string, number>()
  const key = (id: string, model: string): string => `${id} ${model}`
  return {
    note(id, model) {
      if (until.size >= MAX) until.clear()
      until.set(key(id, model), clock.now() + REMEMBER_MS)
    },
    lacks: ({ id }, model) => (until.get(key(id, model)) ?? 0) > clock.now(),
  }
}
