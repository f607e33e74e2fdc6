import type { UserView } from '#shared/types/api'
import type { UserRow } from '../db/repos/users'

export function userView(row: UserRow): UserView {
  const { id, username, email, role, enabled, mustChangePassword, locale, lastLoginAt, createdAt } = row
  return { id, username, email, role, enabled, mustChangePassword, sharedPool: mayUseSharedPool(row), locale, lastLoginAt, createdAt }
}

/** Admins fill the shared pool, so they may always use it. */
export const mayUseSharedPool = (user: Pick<UserRow, 'role' | 'sharedPool'>): boolean => user.role === 'admin' || user.sharedPool
