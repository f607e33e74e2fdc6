import type { RegisterInput } from '#shared/schemas/auth'
import type { InviteCheckView } from '#shared/types/user'
import type { Language } from '#shared/utils/language'
import type { InviteRow } from '../db/repos/invites'
import type { Repos } from '../db/repos/index'
import type { NewUser, UserRow } from '../db/repos/users'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { sha256Hex } from '../lib/hash'
import { newId } from '../lib/id'
import { hashPassword } from '../lib/password'
import type { SettingsService } from '../settings/service'
import type { Audit } from './audit'
import type { Codes } from './codes'
import { fold } from './fold'
import { emailColumns, nameColumns, refuseTaken } from './identity'
import type { SignedIn } from './service'
import type { Origin, Sessions } from './sessions'
import type { Throttle } from './throttle'
import { userView } from './view'

export interface RegistrationDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  audit: Audit
  settings: Pick<SettingsService, 'current'>
  sessions: Sessions
  throttle: Throttle
  codes: Codes
}

/** People who make a user for themselves, by an invitation or by a code to their address. */
export function createRegistration({ repos, clock, changes, audit, settings, sessions, throttle, codes }: RegistrationDeps) {
  const closed = () => new AppError('registration_closed', 'Registration is not open.')

  async function openInvite(code: string): Promise<InviteRow> {
    if (settings.current.registration.mode === 'off') throw closed()
    const invite = await repos.invites.findOpen(sha256Hex(code), clock.now())
    if (!invite) throw new AppError('invite_invalid', 'This invitation has been used, has run out or was withdrawn.')
    return invite
  }

  function newUser(username: string, email: string | null, passwordHash: string, locale: Language): NewUser {
    const now = clock.now()
    return { id: newId(), ...nameColumns(username), ...emailColumns(email), passwordHash, role: 'user', locale, lastLoginAt: now, createdAt: now, updatedAt: now }
  }

  async function byInvite(username: string, password: string, code: string, locale: Language): Promise<NewUser> {
    const invite = await openInvite(code)
    await refuseTaken(repos, { username, email: invite.email }, null)
    const row = newUser(username, invite.email, await hashPassword(password), locale)
    const outcome = await repos.invites.redeem(invite.id, clock.now(), row)
    if (outcome === 'used_up') await openInvite(code)
    if (outcome !== 'made') throw invalidField('username', 'errors.usernameTaken')
    return row
  }

  /** Whether a name is taken is told only to who has a right code. */
  async function byAddress(username: string, password: string, { email = '', codeId = '', code = '' }: RegisterInput, ip: string | null, locale: Language): Promise<NewUser> {
    if (settings.current.registration.mode !== 'open') throw closed()
    const proof = await codes.check('register', { codeId, code }, ip)
    if (proof.subject !== fold(email) || proof.userId !== null) throw invalidField('code', 'errors.codeWrong')
    await refuseTaken(repos, { username, email }, null)
    const row = newUser(username, email, await hashPassword(password), locale)
    await codes.use(proof)
    if (!await repos.users.insert(row)) throw invalidField('username', 'errors.usernameTaken')
    return row
  }

  return {
    /** What an invitation is for. Throws `invite_invalid`, `registration_closed` or `rate_limited`. */
    async checkInvite(code: string, ip: string | null): Promise<InviteCheckView> {
      const takeBack = await throttle.enter('register', '', ip)
      const { email, expiresAt } = await openInvite(code)
      await takeBack()
      return { email, expiresAt }
    },

    /** Throws a `validation`, `invite_invalid`, `registration_closed` or `rate_limited`. */
    async register(input: RegisterInput, origin: Origin, language: Language): Promise<SignedIn> {
      await throttle.enter('register', '', origin.ip)
      const { username, password, invite } = input
      const row = invite === undefined ? await byAddress(username, password, input, origin.ip, language) : await byInvite(username, password, invite, language)
      await changes.emit('user', row.id)
      const user = userView(await repos.users.get(row.id) as UserRow)
      await audit({ id: user.id, username, ip: origin.ip }, { action: 'user.register', target: { type: 'user', id: user.id, name: username }, after: user })
      return { token: await sessions.start(user.id, origin), user }
    },
  }
}

export type Registration = ReturnType<typeof createRegistration>
