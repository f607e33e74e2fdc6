import type { Clock } from '../lib/clock'
import type { PoolAccount } from '../platforms/platform'

const REMEMBER_MS = 600_000
const MAX_PER_ACCOUNT = 1_000

/** Models that accounts said they lack: not asked of them again for ten minutes, or until the account is edited or reset. */
export interface MissingModels {
  note(accountId: string, model: string): void
  lacks(account: PoolAccount, model: string): boolean
  forget(accountId: string): void
}

export function createMissingModels(clock: Clock): MissingModels {
  const byAccount = new Map<string, Map<string, number>>()
  return {
    note(id, model) {
      const models = byAccount.get(id) ?? new Map<string, number>()
      if (models.size >= MAX_PER_ACCOUNT) models.clear()
      byAccount.set(id, models.set(model, clock.now() + REMEMBER_MS))
    },
    lacks: ({ id }, model) => (byAccount.get(id)?.get(model) ?? 0) > clock.now(),
    forget: id => void byAccount.delete(id),
  }
}
