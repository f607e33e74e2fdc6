import type { Repos } from '../db/repos/index'
import type { Principal } from '../keys/principal'
import type { Changes } from '../lib/changes'
import { anyRecord, parseColumn, stringList, stringMap } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import type { Sealer } from '../lib/seal'
import type { PoolAccount } from '../platforms/platform'
import type { AccountStates } from './states'
import { credentialsContext, proxyContext } from './sealed'
import { stateOf } from './state-columns'

/** Every account with its credentials, in memory. */
export interface AccountDirectory {
  load(): Promise<void>
  get(id: string): PoolAccount | undefined
  all(): readonly PoolAccount[]
  /** The accounts that a key draws from: its group's, or the shared pool's if its owner may use it. */
  candidates(principal: Principal): readonly PoolAccount[]
}

type Row = NonNullable<Awaited<ReturnType<Repos['accounts']['get']>>>
const SHARED = ''

export function createAccountDirectory({ repos, changes, sealer, logger, states }: { repos: Repos, changes: Changes, sealer: Sealer, logger: Logger, states: AccountStates }): AccountDirectory {
  const all = new Map<string, PoolAccount>()
  let byGroup = new Map<string, PoolAccount[]>()

  function put(row: Row): void {
    try {
      const account = toPoolAccount(row, sealer)
      const known = all.get(row.id)
      account.state = states.reconcile(row.id, account.state)
      // The breaker counts on each instance for itself; its row need not know.
      if (known?.state.name === 'normal' && account.state.name === 'normal' && known.state.since === account.state.since) account.state = { ...account.state, failures: known.state.failures }
      // Requests under way keep their object: it follows the changes.
      if (known) Object.assign(known, account)
      else all.set(row.id, account)
    }
    catch (error) {
      all.delete(row.id)
      logger.error({ err: error, accountId: row.id }, 'an account cannot be read and is left out of the pool')
    }
  }

  function regroup(): void {
    byGroup = new Map()
    for (const account of all.values()) {
      const group = account.groupId ?? SHARED
      const members = byGroup.get(group)
      if (members) members.push(account)
      else byGroup.set(group, [account])
    }
  }

  changes.on('account', async (id) => {
    const row = await repos.accounts.get(id)
    if (row) put(row)
    else all.delete(id)
    regroup()
  })

  return {
    async load() {
      for (const row of await repos.accounts.all()) put(row)
      regroup()
    },
    get: id => all.get(id),
    all: () => [...all.values()],
    candidates({ group, owner }) {
      if (group) return byGroup.get(group.id) ?? []
      return owner.role === 'admin' || owner.sharedPool ? byGroup.get(SHARED) ?? [] : []
    },
  }
}

function toPoolAccount(row: Row, sealer: Sealer): PoolAccount {
  const { id, ownerId, groupId, name, platform, baseUrl, enabled, priority, weight, maxConcurrency } = row
  return {
    id, ownerId, groupId, name, platform, baseUrl, enabled, priority, weight, maxConcurrency,
    credentials: parseColumn(anyRecord, sealer.open(row.credentials, credentialsContext(id)), 'accounts.credentials'),
    proxyUrl: row.proxyUrl === null ? null : sealer.open(row.proxyUrl, proxyContext(id)),
    options: parseColumn(anyRecord, row.options, 'accounts.options'),
    models: parseColumn(stringList, row.models, 'accounts.models'),
    modelMap: parseColumn(stringMap, row.modelMap, 'accounts.model_map'),
    state: stateOf(row),
  }
}
