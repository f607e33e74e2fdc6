import type { UserCreateInput, UserListQuery, UserPatchInput } from '#shared/schemas/user'
import type { ListOf } from '#shared/types/api'
import type { AdminUserView, UserWithPassword } from '#shared/types/user'
import type { Repos } from '../db/repos/index'
import type { Moved } from '../db/repos/roster'
import type { UserRow } from '../db/repos/users'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField, notFound } from '../lib/errors'
import { newId } from '../lib/id'
import { hashPassword } from '../lib/password'
import { requireAdmin, type Actor } from './actor'
import type { Audit } from './audit'
import { emailColumns, nameColumns, newPassword, refuseTaken, unlessTaken } from './identity'
import type { Outbox } from './outbox'
import type { Sessions } from './sessions'
import { mayUseSharedPool, userView } from './view'

export interface UserAdminDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  audit: Audit
  sessions: Sessions
  outbox: Outbox
}

/** People, as admins manage them. */
export function createUserAdmin({ repos, clock, changes, audit, sessions, outbox }: UserAdminDeps) {
  const lastAdmin = () => new AppError('last_admin', 'This is the last enabled admin. Make somebody else an admin first.')

  async function find(actor: Actor, id: string): Promise<UserRow> {
    requireAdmin(actor)
    const row = await repos.users.get(id)
    if (!row) throw notFound('user')
    return row
  }

  async function views(rows: UserRow[]): Promise<AdminUserView[]> {
    const counts = await repos.roster.counts(rows.map(row => row.id))
    return rows.map((row) => {
      const { groups = 0, accounts = 0, keys = 0 } = counts.get(row.id) ?? {}
      return { ...userView(row), groupCount: groups, accountCount: accounts, keyCount: keys }
    })
  }
  const view = async (row: UserRow): Promise<AdminUserView> => (await views([row]))[0] as AdminUserView

  async function tell({ groups, accounts, keys }: Moved): Promise<void> {
    for (const id of groups) await changes.emit('group', id)
    for (const id of accounts) await changes.emit('account', id)
    for (const id of keys) await changes.emit('key', id)
  }

  /** Who may have it all: what lies in the shared pool stays with those who may fill and use it. */
  async function refuseHeir(id: string, heirId: string): Promise<UserRow> {
    const heir = heirId === id ? null : await repos.users.get(heirId)
    if (!heir?.enabled) throw invalidField('transferTo', 'errors.heir')
    const shared = await repos.roster.sharedCounts(id)
    if ((shared.accounts > 0 && heir.role !== 'admin') || (shared.keys > 0 && !mayUseSharedPool(heir))) throw invalidField('transferTo', 'errors.heirShared')
    return heir
  }

  return {
    async list(actor: Actor, query: UserListQuery): Promise<ListOf<AdminUserView>> {
      requireAdmin(actor)
      const { rows, nextCursor } = await repos.users.list(query)
      return { items: await views(rows), nextCursor }
    },

    get: async (actor: Actor, id: string): Promise<AdminUserView> => view(await find(actor, id)),

    /** The start password is told here only, and changed at the first sign-in. */
    async create(actor: Actor, input: UserCreateInput): Promise<UserWithPassword> {
      requireAdmin(actor)
      await refuseTaken(repos, input, null)
      const password = newPassword()
      const now = clock.now()
      const row: UserRow = {
        id: newId(), ...nameColumns(input.username), ...emailColumns(input.email ?? null), passwordHash: await hashPassword(password), role: input.role, enabled: input.enabled,
        mustChangePassword: true, sharedPool: input.sharedPool, locale: null, lastLoginAt: null, createdAt: now, updatedAt: now, deletedAt: null,
      }
      if (!await repos.users.insert(row)) throw invalidField('username', 'errors.usernameTaken')
      await changes.emit('user', row.id)
      const user = await view(row)
      await audit(actor, { action: 'user.create', target: targetOf(row), after: user })
      return { user, password }
    },

    /** In force on the next request, on every instance. Throws `last_admin`. */
    async update(actor: Actor, id: string, { username, email, ...plain }: UserPatchInput): Promise<AdminUserView> {
      const row = await find(actor, id)
      await refuseTaken(repos, { username, email }, id)
      const now = clock.now()
      const patch = { ...plain, ...username === undefined ? {} : nameColumns(username), ...email === undefined ? {} : emailColumns(email), updatedAt: now }
      const before = await view(row)
      const moved = await unlessTaken(() => repos.roster.change(id, patch, { at: now, heirId: actor.id }))
      if (!moved) throw lastAdmin()
      if (patch.enabled === false) await sessions.endAll(id)
      const addressLeft = email !== undefined && row.emailKey !== (patch.emailKey ?? null)
      if (addressLeft || patch.enabled === false) await repos.codes.removeOfUser(id)
      await changes.emit('user', id)
      await tell(moved)
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'user.update', target: targetOf(row), before, after })
      if (addressLeft && row.email) outbox.post({ kind: 'email_changed', to: row.email, username: row.username, language: row.locale })
      return after
    },

    /** Ends all sessions of the user. The start password is told here only. */
    async resetPassword(actor: Actor, id: string): Promise<UserWithPassword> {
      const row = await find(actor, id)
      const password = newPassword()
      const patch = { passwordHash: await hashPassword(password), mustChangePassword: true, updatedAt: clock.now() }
      await repos.users.update(id, patch)
      await repos.codes.removeOfUser(id)
      await sessions.endAll(id)
      await changes.emit('user', id)
      await audit(actor, { action: 'user.reset-password', target: targetOf(row) })
      return { user: await view({ ...row, ...patch }), password }
    },

    /** What belongs to the user goes to `transferTo`, or, without one, is deleted too. Throws `last_admin`. */
    async remove(actor: Actor, id: string, transferTo: string | undefined): Promise<void> {
      const row = await find(actor, id)
      const before = await view(row)
      const heir = transferTo === undefined ? null : await refuseHeir(id, transferTo)
      const moved = await repos.roster.remove(id, { at: clock.now(), heirId: heir?.id ?? null })
      if (moved === 'last_admin') throw lastAdmin()
      if (moved === 'no_heir') throw invalidField('transferTo', 'errors.heir')
      await sessions.endAll(id)
      await changes.emit('user', id)
      await tell(moved)
      await audit(actor, { action: 'user.delete', target: targetOf(row), before, after: { transferredTo: heir?.username ?? null } })
    },
  }
}

export type UserAdmin = ReturnType<typeof createUserAdmin>

const targetOf = ({ id, username }: UserRow) => ({ type: 'user' as const, id, name: username })
