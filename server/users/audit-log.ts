import type { ApiLogListQuery, AuditListQuery } from '#shared/schemas/audit'
import type { ListOf } from '#shared/types/api'
import type { ApiLogView, AuditValuesView, AuditView } from '#shared/types/audit'
import type { AuditLogRow } from '../db/repos/audit-logs'
import type { Repos } from '../db/repos/index'
import { anyRecord, parseColumn } from '../lib/json-column'
import { requireAdmin, type Actor } from './actor'

/** What was done here, for admins to read: changes by people, and calls of the API. */
export function createAuditLog({ repos }: { repos: Pick<Repos, 'auditLogs' | 'apiLogs' | 'users'> }) {
  return {
    async audit(actor: Actor, { cursor, limit, ...filter }: AuditListQuery): Promise<ListOf<AuditView>> {
      requireAdmin(actor)
      const { items, nextCursor } = await repos.auditLogs.list(filter, { cursor, limit })
      return { items: items.map(auditView), nextCursor }
    },

    async values(actor: Actor): Promise<AuditValuesView> {
      requireAdmin(actor)
      const { actions, userIds } = await repos.auditLogs.values()
      const names = await repos.users.names(userIds)
      const people = userIds.map(id => ({ id, name: names.get(id) ?? id })).sort((a, b) => a.name.localeCompare(b.name))
      return { actions, people }
    },

    async apiLogs(actor: Actor, { cursor, limit, ...filter }: ApiLogListQuery): Promise<ListOf<ApiLogView>> {
      requireAdmin(actor)
      const { items, nextCursor } = await repos.apiLogs.list(filter, { cursor, limit })
      const names = await repos.users.names([...new Set(items.flatMap(({ userId }) => userId ?? []))])
      return { items: items.map(row => ({ ...row, userName: names.get(row.userId ?? '') ?? null })), nextCursor }
    },
  }
}

export type AuditLog = ReturnType<typeof createAuditLog>

function auditView({ before, after, ...row }: AuditLogRow): AuditView {
  const read = (text: string | null, column: string) => text === null ? null : parseColumn(anyRecord, text, `audit_logs.${column}`)
  return { ...row, before: read(before, 'before'), after: read(after, 'after') }
}
