import type { AccountLiveItem } from '#shared/types/insight'
import type { AccountDirectory } from '../accounts/directory'
import type { LiveFacts } from '../accounts/live'
import { stateView } from '../accounts/view'
import type { Repos } from '../db/repos/index'
import type { PoolAccount } from '../platforms/platform'

export interface WatchedAccount {
  ownerId: string
  item: AccountLiveItem
}

export interface AccountWatchDeps {
  pool: Pick<AccountDirectory, 'all'>
  live: LiveFacts
  repos: { accounts: Pick<Repos['accounts'], 'lastUsed'> }
}

/** What changes about accounts by itself, from memory; only the times of last use are asked for now and then. */
export function createAccountWatch({ pool, live, repos }: AccountWatchDeps) {
  let used = new Map<string, number | null>()
  let told = new Map<string, string>()

  const itemOf = ({ id, enabled, state }: PoolAccount, facts: ReturnType<LiveFacts['all']>): AccountLiveItem =>
    ({ id, enabled, state: stateView(state), ...facts.get(id) ?? live.of(id), lastUsedAt: used.get(id) ?? null })

  function all(): WatchedAccount[] {
    const facts = live.all()
    return pool.all().map(account => ({ ownerId: account.ownerId, item: itemOf(account, facts) }))
  }

  return {
    all,
    /** What is different from the last call, and what is gone. */
    changes(): { changed: WatchedAccount[], gone: string[] } {
      const now = new Map<string, string>()
      const changed = all().filter(({ item }) => {
        const text = JSON.stringify(item)
        now.set(item.id, text)
        return told.get(item.id) !== text
      })
      const gone = [...told.keys()].filter(id => !now.has(id))
      told = now
      return { changed, gone }
    },
    async readUse(): Promise<void> {
      used = await repos.accounts.lastUsed(pool.all().map(({ id }) => id))
    },
  }
}

export type AccountWatch = ReturnType<typeof createAccountWatch>
