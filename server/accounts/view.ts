import type { AccountStateView, AccountView } from '#shared/types/api'
import { nanoToUsd } from '#shared/utils/money'
import { spentViews } from '../billing/spent-view'
import type { AccountRow } from '../db/repos/accounts'
import type { Repos } from '../db/repos/index'
import { anyRecord, parseColumn, stringList, stringMap } from '../lib/json-column'
import type { AccountState } from '../platforms/platform'
import type { LiveFacts } from './live'
import { stateOf } from './state-columns'
import { windowsOf } from './windows'

/** Accounts as the API tells them, without any secret. */
export async function accountViews(repos: Repos, live: LiveFacts, rows: AccountRow[], when: { now: number, timeZone: string }): Promise<AccountView[]> {
  const [owners, groups, spent] = await Promise.all([
    repos.users.names([...new Set(rows.map(row => row.ownerId))]),
    repos.groups.names([...new Set(rows.flatMap(row => row.groupId ?? []))]),
    spentViews(repos, 'account', rows.map(row => row.id), when),
  ])
  return rows.map(row => accountView(row, { ownerName: owners.get(row.ownerId) ?? null, groupName: groups.get(row.groupId ?? '') ?? null, usage: spent(row.id) }, live))
}

export const stateView = ({ name, reason, evidence, since, until, nextProbe, modelLimits }: AccountState): AccountStateView =>
  ({ name, reason, evidence, since, until, nextProbe, modelLimits })

function accountView(row: AccountRow, { ownerName, groupName, usage }: Pick<AccountView, 'ownerName' | 'groupName' | 'usage'>, live: LiveFacts): AccountView {
  return {
    id: row.id,
    ownerId: row.ownerId,
    ownerName,
    groupId: row.groupId,
    groupName,
    name: row.name,
    platform: row.platform,
    baseUrl: row.baseUrl,
    credentialsHint: row.credentialsHint,
    proxyHint: row.proxyHint,
    enabled: row.enabled,
    priority: row.priority,
    weight: row.weight,
    maxConcurrency: row.maxConcurrency,
    models: parseColumn(stringList, row.models, 'accounts.models'),
    modelMap: parseColumn(stringMap, row.modelMap, 'accounts.model_map'),
    options: parseColumn(anyRecord, row.options, 'accounts.options'),
    dailyLimitUsd: row.dailyLimitNano === null ? null : nanoToUsd(row.dailyLimitNano),
    dailyLimitNano: row.dailyLimitNano,
    state: stateView(stateOf(row)),
    ...live.of(row.id),
    windows: windowsOf(row)?.windows ?? [],
    usage,
    tokenExpiresAt: row.tokenExpiresAt,
    lastUsedAt: row.lastUsedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}
