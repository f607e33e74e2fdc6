import type { AccountView } from '#shared/types/api'
import { chances } from '../scheduler/choose'
import type { PoolAccount } from '../platforms/platform'
import type { InFlight } from '../scheduler/in-flight'
import type { AccountDirectory } from './directory'

/** What is known of accounts from memory, besides their rows. */
export interface LiveFacts {
  of(accountId: string): LiveFact
  /** Of every account. */
  all(): Map<string, LiveFact>
}

type LiveFact = Pick<AccountView, 'inFlight' | 'weightShare'>

export function createLiveFacts({ pool, inFlight }: { pool: Pick<AccountDirectory, 'get' | 'all' | 'members'>, inFlight: Pick<InFlight, 'of'> }): LiveFacts {
  function weightShare(id: string): number | null {
    const account = pool.get(id)
    if (!account?.enabled) return null
    const level = pool.members(account.groupId).filter(({ enabled, priority }) => enabled && priority === account.priority)
    return chances(level).get(id) ?? null
  }
  function all(): Map<string, LiveFact> {
    const levels = new Map<string, PoolAccount[]>()
    for (const account of pool.all()) {
      if (!account.enabled) continue
      const name = `${account.priority} ${account.groupId ?? ''}`
      const level = levels.get(name)
      if (level) level.push(account)
      else levels.set(name, [account])
    }
    const shares = new Map([...levels.values()].flatMap(level => [...chances(level)]))
    return new Map(pool.all().map(({ id }) => [id, { inFlight: inFlight.of(id), weightShare: shares.get(id) ?? null }]))
  }
  return { all, of: id => ({ inFlight: inFlight.of(id), weightShare: weightShare(id) }) }
}
