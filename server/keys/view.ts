import type { KeyUsageView, KeyView } from '#shared/types/api'
import { nanoToUsd } from '#shared/utils/money'
import { endOfPeriod, spansOf, type Period } from '#shared/utils/period'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import { stringList } from '../lib/json-column'
import { limitsView, readKeyLimits } from './limits'

/** Keys as the API tells them, without the key itself. `timeZone`: where days begin. */
export async function keyViews(repos: Repos, rows: ApiKeyRow[], { now, timeZone }: { now: number, timeZone: string }): Promise<KeyView[]> {
  const [owners, groups, spent] = await Promise.all([
    repos.users.names([...new Set(rows.map(row => row.ownerId))]),
    repos.groups.names([...new Set(rows.flatMap(row => row.groupId ?? []))]),
    repos.spend.sums('key', rows.map(row => row.id), spansOf(now, timeZone)),
  ])
  return rows.map(row => keyView(row, {
    ownerName: owners.get(row.ownerId) ?? null,
    groupName: groups.get(row.groupId ?? '') ?? null,
    usage: usageView(spent.get(row.id) ?? nothing, now, timeZone),
  }))
}

const nothing = { day: 0, week: 0, month: 0, total: 0, requestsToday: 0 }

function usageView(spent: typeof nothing, now: number, timeZone: string): KeyUsageView {
  const view = (usedNano: number, resetsAt: number | null) => ({ usedUsd: nanoToUsd(usedNano), usedNano, resetsAt })
  const period = (name: Period) => view(spent[name], endOfPeriod(name, now, timeZone))
  return { day: period('day'), week: period('week'), month: period('month'), total: view(spent.total, null), requestsToday: spent.requestsToday }
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
