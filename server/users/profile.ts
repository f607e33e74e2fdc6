import type { EmailConfirmInput, EmailRequestInput } from '#shared/schemas/auth'
import type { ProfilePatchInput } from '#shared/schemas/user'
import type { UserView } from '#shared/types/api'
import type { CodeSentView, SessionView } from '#shared/types/user'
import type { Language } from '#shared/utils/language'
import type { Repos } from '../db/repos/index'
import type { UserRow } from '../db/repos/users'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { invalidField, notFound } from '../lib/errors'
import { verifyPassword } from '../lib/password'
import type { Audit } from './audit'
import { CODE_MINUTES } from './code-requests'
import type { Codes } from './codes'
import { fold } from './fold'
import { emailColumns, nameColumns, refuseTaken, unlessTaken } from './identity'
import type { Outbox } from './outbox'
import type { Session, Sessions } from './sessions'
import type { Throttle } from './throttle'
import { userView } from './view'

export interface ProfileDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  audit: Audit
  sessions: Sessions
  throttle: Throttle
  codes: Codes
  outbox: Outbox
}

/** What people do with their own user. */
export function createProfile({ repos, clock, changes, audit, sessions, throttle, codes, outbox }: ProfileDeps) {
  async function change(user: UserRow, patch: Partial<UserRow>, action: string, ip: string | null): Promise<UserView> {
    await unlessTaken(() => repos.users.update(user.id, { ...patch, updatedAt: clock.now() }))
    await changes.emit('user', user.id)
    const [before, after] = [userView(user), userView({ ...user, ...patch })]
    await audit({ id: user.id, username: user.username, ip }, { action, target: { type: 'user', id: user.id, name: user.username }, before, after })
    return after
  }

  return {
    async update({ user }: Session, { username, locale }: ProfilePatchInput, ip: string | null): Promise<UserView> {
      await refuseTaken(repos, { username }, user.id)
      return await change(user, { ...username === undefined ? {} : nameColumns(username), ...locale === undefined ? {} : { locale } }, 'user.update', ip)
    },

    /**
     * Sends a code to the new address. An address that is somebody else's gets a mail that says so, and the answer is the same.
     * Throws a `validation`, `mail_off` or `rate_limited`.
     */
    async requestEmail({ user }: Session, { email, currentPassword }: EmailRequestInput, ip: string | null, language: Language): Promise<CodeSentView> {
      outbox.require()
      const subject = fold(email)
      const succeeded = await throttle.enter('login', user.usernameKey, ip)
      if (!await verifyPassword(currentPassword, user.passwordHash)) throw invalidField('currentPassword', 'errors.passwordWrong')
      await succeeded()
      if (subject === user.emailKey) throw invalidField('email', 'errors.emailSame')
      await codes.enter(subject, ip)
      const holder = await repos.users.findByLogin(subject)
      const { codeId, code, expiresAt } = await codes.make('change_email', subject, user.id)
      if (holder) outbox.post({ kind: 'address_taken', to: email, username: holder.username, language: holder.locale }, language)
      else outbox.post({ kind: 'change_email', to: email, username: user.username, code, minutes: CODE_MINUTES, language: user.locale }, language)
      return { codeId, expiresAt }
    },

    /** The old address is told. Codes that went to it are worth nothing any more. */
    async confirmEmail({ user }: Session, input: EmailConfirmInput, ip: string | null): Promise<UserView> {
      const proof = await codes.check('change_email', input, ip)
      if (proof.userId !== user.id || proof.subject !== fold(input.email)) throw invalidField('code', 'errors.codeWrong')
      await refuseTaken(repos, { email: input.email }, user.id)
      await codes.use(proof)
      const after = await change(user, emailColumns(input.email), 'user.change-email', ip)
      await repos.codes.removeOfUser(user.id)
      if (user.email) outbox.post({ kind: 'email_changed', to: user.email, username: user.username, language: user.locale })
      return after
    },

    async sessions({ user, row }: Session): Promise<SessionView[]> {
      const rows = await repos.sessions.ofUser(user.id, clock.now())
      return rows.map(({ id, ip, userAgent, createdAt, lastSeenAt, expiresAt }) => ({ id, ip, userAgent, createdAt, lastSeenAt, expiresAt, current: id === row.id }))
    },

    async endSession({ user }: Session, id: string, ip: string | null): Promise<void> {
      if (!await sessions.endOwn(user.id, id)) throw notFound('session')
      await changes.announce('user', user.id)
      await audit({ id: user.id, username: user.username, ip }, { action: 'session.end', target: { type: 'session', id: null, name: user.username } })
    },

    /** Signs out everywhere, here too. */
    async endSessions({ user }: Session, ip: string | null): Promise<void> {
      await sessions.endAll(user.id)
      await changes.announce('user', user.id)
      await audit({ id: user.id, username: user.username, ip }, { action: 'session.end-all', target: { type: 'session', id: null, name: user.username } })
    },
  }
}

export type Profile = ReturnType<typeof createProfile>
