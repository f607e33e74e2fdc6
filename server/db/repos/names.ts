import { inArray, sql, type Column, type SQL } from 'drizzle-orm'
import type { Store } from '../store'

export interface Named { name: string, ownerId: string, deleted: boolean }

const IDS_PER_STATEMENT = 500

/** The name of a row's owner or group, within a statement about the row; null without one. */
export function nameOf({ tables: { users, groups } }: Store, kind: 'user' | 'group', id: Column): SQL {
  return kind === 'user'
    ? sql`(select ${users.username} from ${users} where ${users.id} = ${id})`
    : sql`(select ${groups.name} from ${groups} where ${groups.id} = ${id})`
}

/** Names by id, of deleted ones too. */
export function createNamesRepo(store: Store) {
  const { users, apiKeys, accounts } = store.tables
  const { read } = store
  const kinds = {
    user: { table: users, name: users.username, ownerId: users.id },
    key: { table: apiKeys, name: apiKeys.name, ownerId: apiKeys.ownerId },
    account: { table: accounts, name: accounts.name, ownerId: accounts.ownerId },
  }

  return async (kind: keyof typeof kinds, ids: readonly string[]): Promise<Map<string, Named>> => {
    const { table, name, ownerId } = kinds[kind]
    const found = new Map<string, Named>()
    const unique = [...new Set(ids)].filter(Boolean)
    for (let at = 0; at < unique.length; at += IDS_PER_STATEMENT) {
      const rows = await read.select({ id: table.id, name, ownerId, deletedAt: table.deletedAt }).from(table).where(inArray(table.id, unique.slice(at, at + IDS_PER_STATEMENT)))
      for (const row of rows) found.set(row.id, { name: row.name, ownerId: row.ownerId, deleted: row.deletedAt !== null })
    }
    return found
  }
}

export type NamesRepo = ReturnType<typeof createNamesRepo>
