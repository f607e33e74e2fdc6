import type { Repos } from '../db/repos/index'
import type { UserRow } from '../db/repos/users'
import type { Principal } from '../keys/principal'
import type { Changes } from '../lib/changes'
import { anyRecord, parseColumn, stringList, stringMap } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import type { Sealer } from '../lib/seal'
import type { PoolAccount } from '../platforms/platform'
import type { PendingTokens } from './pending-tokens'
import type { AccountStates } from './states'
import { credentialsContext, proxyContext } from './sealed'
import { stateOf } from './state-columns'
import { windowsOf } from './windows'

/** Every account with its credentials, in memory. */
export interface AccountDirectory {
  load(): Promise<void>
  get(id: string): PoolAccount | undefined
  all(): readonly PoolAccount[]
  /** The accounts of a group, or of the shared pool (null). */
  members(groupId: string | null): readonly PoolAccount[]
  /** The accounts that a key draws from: its group's, or the shared pool's if its owner may use it. */
  candidates(principal: Principal): readonly PoolAccount[]
}

export interface AccountDirectoryDeps {
  repos: Repos
  changes: Changes
  sealer: Sealer
  logger: Logger
  states: AccountStates
  /** Credentials newer than the rows'. */
  pending: Pick<PendingTokens, 'of'>
  /** Address of each platform that has one of its own. */
  baseUrls: Readonly<Record<string, string>>
  /** Waited for before a change counts as taken in. */
  onChanged?(account: PoolAccount): Promise<void>
}

type Row = NonNullable<Awaited<ReturnType<Repos['accounts']['get']>>>
const SHARED = ''

export function createAccountDirectory({ repos, changes, sealer, logger, states, pending, baseUrls, onChanged }: AccountDirectoryDeps): AccountDirectory {
  const all = new Map<string, PoolAccount>()
  const admins = new Set<string>()
  let byGroup = new Map<string, PoolAccount[]>()

  function put(row: Row): void {
    try {
      const account = toPoolAccount(withPending(row), sealer)
      const known = all.get(row.id)
      account.publicOnly = isPublicOnly(row)
      account.baseUrl ??= baseUrls[account.platform] ?? null
      if ((known?.windows?.at ?? 0) > (account.windows?.at ?? 0)) account.windows = known!.windows
      account.state = states.reconcile(row.id, account.state, known?.state)
      // Requests under way keep their object: it follows the changes.
      if (known) Object.assign(known, account)
      else all.set(row.id, account)
    }
    catch (error) {
      all.delete(row.id)
      logger.error({ err: error, accountId: row.id }, 'an account cannot be read and is left out of the pool')
    }
  }

  /** What the operator set, as the address of a platform, may lie anywhere. Of an owner who is gone nothing is known: that is no admin. */
  function isPublicOnly({ ownerId, baseUrl, proxyUrl }: Pick<Row, 'ownerId' | 'baseUrl' | 'proxyUrl'>): boolean {
    return !admins.has(ownerId) && (baseUrl !== null || proxyUrl !== null)
  }

  function noteOwner({ id, role }: Pick<UserRow, 'id' | 'role'>): void {
    if (role === 'admin') admins.add(id)
    else admins.delete(id)
  }

  async function rereadOwner(id: string): Promise<void> {
    const before = admins.has(id)
    noteOwner(await repos.users.get(id) ?? { id, role: 'user' })
    if (admins.has(id) === before) return
    for (const account of [...all.values()].filter(({ ownerId }) => ownerId === id)) await reread(account.id)
  }

  function withPending(row: Row): Row {
    const pair = pending.of(row.id)
    if (pair?.base !== row.tokenGeneration) return row
    return { ...row, credentials: pair.credentials, tokenGeneration: pair.generation, tokenExpiresAt: pair.tokenExpiresAt }
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

  async function reread(id: string): Promise<void> {
    const row = await repos.accounts.get(id)
    if (row) {
      noteOwner(await repos.users.get(row.ownerId) ?? { id: row.ownerId, role: 'user' })
      put(row)
    }
    else all.delete(id)
    regroup()
    const account = all.get(id)
    if (account) await onChanged?.(account)
  }

  async function load(): Promise<void> {
    const [users, rows] = await Promise.all([repos.users.all(), repos.accounts.all()])
    admins.clear()
    for (const user of users) noteOwner(user)
    const there = new Set(rows.map(({ id }) => id))
    for (const row of rows) put(row)
    regroup()
    // What is not among the rows is gone, or came after they were read.
    for (const id of all.keys()) if (!there.has(id)) await reread(id)
  }

  changes.on('account', reread)
  changes.on('user', rereadOwner)
  changes.onGap(async () => {
    await load()
    await Promise.all([...all.values()].map(account => onChanged?.(account)))
  })

  const members = (groupId: string | null): readonly PoolAccount[] => byGroup.get(groupId ?? SHARED) ?? []

  return {
    load,
    get: id => all.get(id),
    all: () => [...all.values()],
    members,
    candidates({ group, owner }) {
      return group || owner.role === 'admin' || owner.sharedPool ? members(group?.id ?? null) : []
    },
  }
}

function toPoolAccount(row: Row, sealer: Sealer): PoolAccount {
  const { id, ownerId, groupId, name, platform, baseUrl, enabled, priority, weight, maxConcurrency, dailyLimitNano, tokenGeneration, tokenExpiresAt } = row
  return {
    id, ownerId, groupId, name, platform, baseUrl, enabled, priority, weight, maxConcurrency, dailyLimitNano, tokenGeneration, tokenExpiresAt,
    credentials: parseColumn(anyRecord, sealer.open(row.credentials, credentialsContext(id)), 'accounts.credentials'),
    proxyUrl: row.proxyUrl === null ? null : sealer.open(row.proxyUrl, proxyContext(id)),
    publicOnly: true,
    options: parseColumn(anyRecord, row.options, 'accounts.options'),
    models: parseColumn(stringList, row.models, 'accounts.models'),
    modelMap: parseColumn(stringMap, row.modelMap, 'accounts.model_map'),
    state: stateOf(row),
    windows: windowsOf(row),
  }
}
