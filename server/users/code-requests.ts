import type { CodeRequestInput } from '#shared/schemas/auth'
import type { CodeSentView } from '#shared/types/user'
import type { Language } from '#shared/utils/language'
import type { Repos } from '../db/repos/index'
import { AppError } from '../lib/errors'
import type { SettingsService } from '../settings/service'
import { CODE_MS, type Codes } from './codes'
import { fold } from './fold'
import type { Outbox } from './outbox'

export interface CodeRequestsDeps {
  repos: Pick<Repos, 'users'>
  settings: Pick<SettingsService, 'current'>
  codes: Codes
  outbox: Outbox
}

export const CODE_MINUTES = CODE_MS / 60_000

/** Codes that strangers ask for. The answer is the same whether an address is somebody's or not, in its words and in its time. */
export function createCodeRequests({ repos, settings, codes, outbox }: CodeRequestsDeps) {
  /** `language`: of the page; users have their own. Throws `mail_off`, `registration_closed` or `rate_limited`. */
  return async function request({ purpose, email }: CodeRequestInput, ip: string | null, language: Language): Promise<CodeSentView> {
    outbox.require()
    if (purpose === 'register' && settings.current.registration.mode !== 'open') throw new AppError('registration_closed', 'Registration is not open.')
    const subject = fold(email)
    await codes.enter(subject, ip)
    const holder = await repos.users.findByLogin(subject)
    // A user name may look like an address; mail goes to addresses only.
    const user = holder?.emailKey === subject ? holder : null
    const { codeId, code, expiresAt } = await codes.make(purpose, subject, user?.id ?? null)
    const mail = { to: email, minutes: CODE_MINUTES, language: user?.locale ?? language, username: user?.username }
    if (purpose === 'register') outbox.post(user ? { ...mail, kind: 'address_taken' } : { ...mail, kind: purpose, code })
    else if (user?.enabled) outbox.post({ ...mail, to: user.email ?? email, kind: purpose, code })
    return { codeId, expiresAt }
  }
}

export type CodeRequests = ReturnType<typeof createCodeRequests>
