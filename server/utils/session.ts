import { getCookie, getRequestHeader, type H3Event } from 'h3'
import { useRuntimeConfig } from 'nitropack/runtime'
import { languageOf, type Language } from '#shared/utils/language'
import { AppError } from '#server/lib/errors'
import { useRuntime } from '#server/runtime'
import type { Actor } from '#server/users/actor'
import type { Origin, Session } from '#server/users/sessions'
import { mayUseSharedPool } from '#server/users/view'
import { clientIpOf, isHttps } from './peer'

// clearUserSession, getUserSession and replaceUserSession are auto-imported: nuxt-auth-utils offers no path to import them from.

// Browsers drop a Secure cookie that comes over plain http, so this is decided per request.
const cookieFor = (event: H3Event) => ({ cookie: { secure: isHttps(event) } })

/**
 * Puts the session's token into the sealed cookie, in place of whatever was there; a session that was there ends. The token is new at
 * each sign-in, so a cookie that somebody planted before is worth nothing.
 */
export async function writeSessionToken(event: H3Event, token: string): Promise<void> {
  const before = await readSessionToken(event)
  if (before !== null) await useRuntime().services.sessions.endToken(before)
  await replaceUserSession(event, { secure: { token } }, cookieFor(event))
}

export async function clearSessionToken(event: H3Event): Promise<void> {
  await clearUserSession(event, cookieFor(event))
}

/** The token of the sealed cookie. A visitor without a cookie is not given one. */
export async function readSessionToken(event: H3Event): Promise<string | null> {
  if (!getCookie(event, useRuntimeConfig().session.name ?? '')) return null
  const { secure } = await getUserSession(event)
  return secure?.token ?? null
}

/** The session that the guard found. Throws `unauthenticated`. */
export function requireSession(event: H3Event): Session {
  const { auth } = event.context
  if (!auth) throw new AppError('unauthenticated', 'Sign in first.')
  return auth
}

/** Who is calling. Throws `unauthenticated`, or `password_change_required` while a start password is in use. */
export function requireActor(event: H3Event): Actor {
  const { user } = requireSession(event)
  if (user.mustChangePassword) throw new AppError('password_change_required', 'Change your password first.')
  return { id: user.id, username: user.username, role: user.role, sharedPool: mayUseSharedPool(user), ip: clientIpOf(event) }
}

/** Where a request comes from. */
export const callerOf = (event: H3Event): Origin => ({ ip: clientIpOf(event), userAgent: getRequestHeader(event, 'user-agent') ?? null, language: languageOfRequest(event) })

/** The language of the page that asks: what was chosen there, else what the browser prefers. */
export const languageOfRequest = (event: H3Event): Language => languageOf(getCookie(event, 'relay-lang'), getRequestHeader(event, 'accept-language'))
