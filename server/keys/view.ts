import type { KeyView } from '#shared/types/api'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import { parseColumn, stringList } from '../lib/json-column'
import { limitsView, parseKeyLimits } from './limits'

/** Keys as the API tells them, without the key itself. */
export async function keyViews(repos: Repos, rows: ApiKeyRow[]): Promise<KeyView[]> {
  const [owners, groups] = await Promise.all([
    repos.users.names([...new Set(rows.map(row => row.ownerId))]),
    repos.groups.names([...new Set(rows.flatMap(row => row.groupId ?? []))]),
  ])
  return rows.map(row => keyView(row, owners.get(row.ownerId) ?? null, groups.get(row.groupId ?? '') ?? null))
}

export function keyView(row: ApiKeyRow, ownerName: string | null, groupName: string | null): KeyView {
  return {
    id: row.id,
    ownerId: row.ownerId,
    ownerName,
    groupId: row.groupId,
    groupName,
    name: row.name,
    prefix: row.prefix,
    lastFour: row.lastFour,
    revealable: row.sealedKey !== null,
    enabled: row.enabled,
    expiresAt: row.expiresAt,
    expiresInDays: row.expiresInDays,
    firstUsedAt: row.firstUsedAt,
    lastUsedAt: row.lastUsedAt,
    models: parseColumn(stringList, row.models, 'api_keys.models'),
    ipAllow: parseColumn(stringList, row.ipAllow, 'api_keys.ip_allow'),
    clients: parseColumn(stringList, row.clients, 'api_keys.clients'),
    limits: limitsView(parseKeyLimits(row.limits)),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}
