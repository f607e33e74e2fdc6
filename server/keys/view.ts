import type { KeyView } from '#shared/types/api'
import { spentViews } from '../billing/spent-view'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import { stringList } from '../lib/json-column'
import { limitsView, readKeyLimits } from './limits'

/** Keys as the API tells them, without the key itself. `timeZone`: where days begin. */
export async function keyViews(repos: Repos, rows: ApiKeyRow[], when: { now: number, timeZone: string }): Promise<KeyView[]> {
  const [owners, groups, spent] = await Promise.all([
    repos.users.names([...new Set(rows.map(row => row.ownerId))]),
    repos.groups.names([...new Set(rows.flatMap(row => row.groupId ?? []))]),
    spentViews(repos, 'key', rows.map(row => row.id), when),
  ])
  return rows.map(row => keyView(row, {
    ownerName: owners.get(row.ownerId) ?? null,
    groupName: groups.get(row.groupId ?? '') ?? null,
    usage: spent(row.id),
  }))
}

function keyView(row: ApiKeyRow, { ownerName, groupName, usage }: Pick<KeyView, 'ownerName' | 'groupName' | 'usage'>): KeyView {
  const limits = readKeyLimits(row.limits)
  const lists = { models: readList(row.models), ipAllow: readList(row.ipAllow), clients: readList(row.clients) }
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
    models: lists.models ?? [],
    ipAllow: lists.ipAllow ?? [],
    clients: lists.clients ?? [],
    limits: limitsView(limits ?? {}),
    usage,
    broken: limits === null || Object.values(lists).includes(null),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}

function readList(text: string): string[] | null {
  try {
    return stringList.safeParse(JSON.parse(text)).data ?? null
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
