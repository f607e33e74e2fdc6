import type { ChangePasswordInput, LoginInput } from '#shared/schemas/auth'
import type { UserView } from '#shared/types/api'
import type { Repos } from '../db/repos/index'
import type { UserRow } from '../db/repos/users'
import type { Kv } from '../kv/kv'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { hashPassword, needsRehash, verifyPassword } from '../lib/password'
import type { Audit } from './audit'
import { fold } from './fold'
import type { Origin, Session, Sessions } from './sessions'
import { createSignInThrottle } from './throttle'
import { userView } from './view'

export interface UsersDeps {
  repos: Repos
  kv: Kv
  clock: Clock
  changes: Changes
  audit: Audit
  sessions: Sessions
}

/** Signing in and what people do with their own user. */
export function createUsersService({ repos, kv, clock, changes, audit, sessions }: UsersDeps) {
  const throttle = createSignInThrottle({ kv, clock })

  async function proved(input: LoginInput, ip: string | null): Promise<UserRow> {
    const name = fold(input.username)
    const succeeded = await throttle.enter(name, ip ?? '')
    const user = await repos.users.findByLogin(name)
    // An unknown name costs the time of a known one.
    const right = await verifyPassword(input.password, user?.passwordHash)
    if (!user || !right) throw new AppError('login_failed', 'The user name or the password is wrong.')
    await succeeded()
    if (!user.enabled) throw new AppError('user_disabled', 'This user is disabled. Ask an admin.')
    return user
  }

  return {
    /** Throws `login_failed`, `user_disabled` or `rate_limited`. */
    async signIn(input: LoginInput, origin: Origin): Promise<{ token: string, user: UserView }> {
      const user = await proved(input, origin.ip)
      const now = clock.now()
      const rehashed = needsRehash(user.passwordHash) ? { passwordHash: await hashPassword(input.password) } : {}
      await repos.users.update(user.id, { lastLoginAt: now, ...rehashed })
      const token = await sessions.start(user.id, origin)
      const target = { type: 'session' as const, id: null, name: user.username }
      await audit({ id: user.id, username: user.username, ip: origin.ip }, { action: 'session.start', target })
      return { token, user: userView({ ...user, lastLoginAt: now }) }
    },

    async signOut({ row, user }: Session): Promise<void> {
      await sessions.end(row.id)
      await audit({ id: user.id, username: user.username, ip: row.ip }, { action: 'session.end', target: { type: 'session', id: null, name: user.username } })
    },

    /** Ends all other sessions of the user. */
    async changePassword({ row, user }: Session, input: ChangePasswordInput): Promise<UserView> {
      const succeeded = await throttle.enter(user.usernameKey, row.ip ?? '')
      if (!await verifyPassword(input.currentPassword, user.passwordHash)) throw invalidField('currentPassword', 'errors.passwordWrong')
      await succeeded()
      const patch = { passwordHash: await hashPassword(input.newPassword), mustChangePassword: false, updatedAt: clock.now() }
      await repos.users.update(user.id, patch)
      await sessions.endOthers(user.id, row.id)
      await changes.emit('user', user.id)
      const target = { type: 'user' as const, id: user.id, name: user.username }
      await audit({ id: user.id, username: user.username, ip: row.ip }, { action: 'user.change-password', target })
      return userView({ ...user, ...patch })
    },
  }
}

export type UsersService = ReturnType<typeof createUsersService>
