import { and, eq, gt, gte, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'
import type { KeyListQuery } from '../../../shared/schemas/key'
import { contains } from './filters'
import { byNumber, byText, listOrder, type ListPage, type Page, type SortColumns } from './list-order'
import { nameOf } from './names'
import { spentSince, type SpentDays } from './spend'

export type ApiKeyRow = Schema['apiKeys']['$inferSelect']
export type NewApiKey = Schema['apiKeys']['$inferInsert']
export type ApiKeyPatch = Partial<Omit<NewApiKey, 'id' | 'createdAt'>>

export interface ApiKeyFilter extends ListPage {
  ownerId?: string
  /** Null: the shared pool. */
  groupId?: string | null
  enabled?: boolean
  /** As it is at a time, epoch-ms. */
  status?: { is: NonNullable<KeyListQuery['status']>, at: number }
  q?: string
  /** Needed to sort by what was spent. */
  days?: SpentDays
}

const DAY_MS = 86_400_000

/** Keys handed out. Deleted ones stay as rows without their secret and are never returned. */
export function createApiKeysRepo(store: Store) {
  const { apiKeys } = store.tables
  const { db, read } = store
  const living = isNull(apiKeys.deletedAt)
  const sorts = (days: SpentDays | undefined): SortColumns => ({
    createdAt: 'id',
    name: byText(apiKeys.name),
    owner: byText(nameOf(store, 'user', apiKeys.ownerId)),
    group: byText(nameOf(store, 'group', apiKeys.groupId)),
    enabled: byNumber(apiKeys.enabled),
    expiresAt: byNumber(apiKeys.expiresAt),
    lastUsedAt: byNumber(apiKeys.lastUsedAt),
    ...days && {
      today: byNumber(spentSince(store, 'key', apiKeys.id, days.day)),
      week: byNumber(spentSince(store, 'key', apiKeys.id, days.week)),
      total: byNumber(spentSince(store, 'key', apiKeys.id, '')),
    },
  })
  function hasStatus({ is, at }: NonNullable<ApiKeyFilter['status']>) {
    if (is === 'disabled') return eq(apiKeys.enabled, false)
    return and(eq(apiKeys.enabled, true), is === 'expired' ? lte(apiKeys.expiresAt, at) : or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at)))
  }
  const first = async (where: ReturnType<typeof and>) => (await db.select().from(apiKeys).where(where).limit(1)).at(0) ?? null

  return {
    all: (): Promise<ApiKeyRow[]> => db.select().from(apiKeys).where(living),
    get: (id: string): Promise<ApiKeyRow | null> => first(and(eq(apiKeys.id, id), living)),
    findByHash: (hash: string): Promise<ApiKeyRow | null> => first(and(eq(apiKeys.hash, hash), living)),
    async list(filter: ApiKeyFilter): Promise<Page<ApiKeyRow>> {
      const order = listOrder(apiKeys.id, sorts(filter.days), filter)
      return order.page(await read.select({ row: apiKeys, value: order.value }).from(apiKeys).where(and(
        living,
        filter.ownerId === undefined ? undefined : eq(apiKeys.ownerId, filter.ownerId),
        filter.groupId === undefined ? undefined : filter.groupId === null ? isNull(apiKeys.groupId) : eq(apiKeys.groupId, filter.groupId),
        filter.enabled === undefined ? undefined : eq(apiKeys.enabled, filter.enabled),
        contains(apiKeys.name, filter.q),
        filter.status && hasStatus(filter.status),
        order.after,
      )).orderBy(...order.by).limit(order.limit))
    },
    async idsInGroup(groupId: string): Promise<string[]> {
      return (await db.select({ id: apiKeys.id }).from(apiKeys).where(and(living, eq(apiKeys.groupId, groupId)))).map(({ id }) => id)
    },
    async countByGroup(groupIds: string[]): Promise<Map<string, number>> {
      if (!groupIds.length) return new Map()
      const rows = await read.select({ groupId: apiKeys.groupId, count: sql`count(*)`.mapWith(Number) })
        .from(apiKeys).where(and(living, inArray(apiKeys.groupId, groupIds))).groupBy(apiKeys.groupId)
      return new Map(rows.map(row => [row.groupId ?? '', row.count]))
    },
    /** Keys with limits that were used at or after `since` (epoch-ms). */
    limitedUsedSince: (since: number): Promise<ApiKeyRow[]> => db.select().from(apiKeys).where(and(living, gte(apiKeys.lastUsedAt, since), ne(apiKeys.limits, '{}'))),
    /** False when the key is taken. */
    insert: (row: NewApiKey): Promise<boolean> => store.insertIgnore(db, apiKeys, row),
    async update(id: string, patch: ApiKeyPatch): Promise<void> {
      await db.update(apiKeys).set(patch).where(and(eq(apiKeys.id, id), living))
    },
    async touch(ids: string[], at: number): Promise<void> {
      if (ids.length) await db.update(apiKeys).set({ lastUsedAt: at }).where(inArray(apiKeys.id, ids))
    },
    /** Notes the first use, and the end of a life that is counted from it. False when another one had noted it. */
    async firstUse(id: string, at: number): Promise<boolean> {
      const end = sql`${at} + ${apiKeys.expiresInDays} * ${DAY_MS}`
      const result = await db.update(apiKeys).set({
        firstUsedAt: at,
        expiresAt: sql`case when ${apiKeys.expiresInDays} is null or ${apiKeys.expiresAt} < ${end} then ${apiKeys.expiresAt} else ${end} end`,
      }).where(and(eq(apiKeys.id, id), isNull(apiKeys.firstUsedAt), living))
      return store.changes(result) > 0
    },
    /** Frees the key's value: its hash gives way to one that no key has. */
    async remove(id: string, at: number): Promise<void> {
      const gone = { deletedAt: at, updatedAt: at, enabled: false, hash: `deleted:${id}`, sealedKey: null }
      await db.update(apiKeys).set(gone).where(and(eq(apiKeys.id, id), living))
    },
  }
}

export type ApiKeysRepo = ReturnType<typeof createApiKeysRepo>
