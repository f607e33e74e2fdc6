import type { AccountView } from '#shared/types/api'
import { chances } from '../scheduler/choose'
import type { InFlight } from '../scheduler/in-flight'
import type { AccountDirectory } from './directory'

/** What is known of accounts from memory, besides their rows. */
export interface LiveFacts {
  of(accountId: string): Pick<AccountView, 'inFlight' | 'weightShare'>
}

export function createLiveFacts({ pool, inFlight }: { pool: AccountDirectory, inFlight: Pick<InFlight, 'of'> }): LiveFacts {
  function weightShare(id: string): number | null {
    const account = pool.get(id)
    if (!account?.enabled) return null
    const level = pool.members(account.groupId).filter(({ enabled, priority }) => enabled && priority === account.priority)
    return chances(level).get(id) ?? null
  }
  return { of: id => ({ inFlight: inFlight.of(id), weightShare: weightShare(id) }) }
}
