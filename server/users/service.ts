import type { ChangePasswordInput, CodeSignInInput, LoginInput, ResetPasswordInput } from '#shared/schemas/auth'
import type { UserView } from '#shared/types/api'
import type { Repos } from '../db/repos/index'
import type { UserRow } from '../db/repos/users'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { hashPassword, needsRehash, verifyPassword } from '../lib/password'
import type { Audit } from './audit'
import type { Codes } from './codes'
import { fold } from './fold'
import type { Outbox } from './outbox'
import type { Origin, Session, Sessions } from './sessions'
import type { Throttle } from './throttle'
import { userView } from './view'

export interface UsersDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  audit: Audit
  sessions: Sessions
  throttle: Throttle
  codes: Codes
  outbox: Outbox
}

/** The token is for the cookie. */
export interface SignedIn {
  token: string
  user: UserView
}

/** Getting in and out, and the password that it takes. */
export function createUsersService({ repos, clock, changes, audit, sessions, throttle, codes, outbox }: UsersDeps) {
  async function proved(input: LoginInput, ip: string | null): Promise<UserRow> {
    const name = fold(input.username)
    const succeeded = await throttle.enter('login', name, ip)
    const user = await repos.users.findByLogin(name)
    // An unknown name costs the time of a known one.
    const right = await verifyPassword(input.password, user?.passwordHash)
    if (!user || !right) throw new AppError('login_failed', 'The user name or the password is wrong.')
    await succeeded()
    return user
  }

  const actorOf = ({ id, username }: UserRow, ip: string | null) => ({ id, username, ip })

  async function begin(user: UserRow, origin: Origin, patch: Partial<UserRow> = {}): Promise<SignedIn> {
    if (!user.enabled) throw new AppError('user_disabled', 'This user is disabled. Ask an admin.')
    const now = clock.now()
    await repos.users.update(user.id, { lastLoginAt: now, ...patch })
    const token = await sessions.start(user.id, origin)
    await audit(actorOf(user, origin.ip), { action: 'session.start', target: { type: 'session', id: null, name: user.username } })
    return { token, user: userView({ ...user, ...patch, lastLoginAt: now }) }
  }

  /** The user that a mailed code was for, if the address is still theirs. */
  async function provedByCode(purpose: 'sign_in' | 'reset_password', input: CodeSignInInput, ip: string | null): Promise<UserRow> {
    const row = await codes.check(purpose, input, ip)
    const user = row.userId === null ? null : await repos.users.get(row.userId)
    if (user?.emailKey !== row.subject) throw invalidField('code', 'errors.codeWrong')
    await codes.use(row)
    return user
  }

  /** From now on no session and no code of before is worth anything. */
  async function setPassword(user: UserRow, password: string, action: string, { ip, language }: Origin): Promise<UserRow> {
    const patch = { passwordHash: await hashPassword(password), mustChangePassword: false, updatedAt: clock.now() }
    await repos.users.update(user.id, patch)
    await repos.codes.removeOfUser(user.id)
    await sessions.endAll(user.id)
    await changes.emit('user', user.id)
    await audit(actorOf(user, ip), { action, target: { type: 'user', id: user.id, name: user.username } })
    if (user.email) outbox.post({ kind: 'password_changed', to: user.email, username: user.username, language: user.locale }, language)
    return { ...user, ...patch }
  }

  return {
    /** Throws `login_failed`, `user_disabled` or `rate_limited`. */
    async signIn(input: LoginInput, origin: Origin): Promise<SignedIn> {
      const user = await proved(input, origin.ip)
      return await begin(user, origin, needsRehash(user.passwordHash) ? { passwordHash: await hashPassword(input.password) } : {})
    },

    /** Throws a problem of the field `code`, `user_disabled` or `rate_limited`. */
    signInByCode: async (input: CodeSignInInput, origin: Origin): Promise<SignedIn> => begin(await provedByCode('sign_in', input, origin.ip), origin),

    async signOut({ row }: Session): Promise<void> {
      await sessions.end(row.id)
    },

    /** Ends all sessions of the user. */
    async resetPassword(input: ResetPasswordInput, origin: Origin): Promise<void> {
      await setPassword(await provedByCode('reset_password', input, origin.ip), input.newPassword, 'user.reset-password', origin)
    },

    /** Ends all sessions of the user, this one too: whoever copied its cookie is out. The answer begins another. */
    async changePassword({ user }: Session, input: ChangePasswordInput, origin: Origin): Promise<SignedIn> {
      const succeeded = await throttle.enter('login', user.usernameKey, origin.ip)
      if (!await verifyPassword(input.currentPassword, user.passwordHash)) throw invalidField('currentPassword', 'errors.passwordWrong')
      await succeeded()
      const changed = await setPassword(user, input.newPassword, 'user.change-password', origin)
      return { token: await sessions.start(user.id, origin), user: userView(changed) }
    },
  }
}

export type UsersService = ReturnType<typeof createUsersService>
