import type { AccountView } from '#shared/types/api'
import type { AccountRow } from '../db/repos/accounts'
import type { Repos } from '../db/repos/index'
import { parseColumn, stringList, stringMap } from '../lib/json-column'
import { stateOf } from './state-columns'

/** Accounts as the API tells them, without any secret. */
export async function accountViews(repos: Repos, rows: AccountRow[]): Promise<AccountView[]> {
  const [owners, groups] = await Promise.all([
    repos.users.names([...new Set(rows.map(row => row.ownerId))]),
    repos.groups.names([...new Set(rows.flatMap(row => row.groupId ?? []))]),
  ])
  return rows.map(row => accountView(row, owners.get(row.ownerId) ?? null, groups.get(row.groupId ?? '') ?? null))
}

export function accountView(row: AccountRow, ownerName: string | null, groupName: string | null): AccountView {
  const { name, reason, evidence, since, until, nextProbe } = stateOf(row)
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
    state: { name, reason, evidence, since, until, nextProbe },
    lastUsedAt: row.lastUsedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}
