import { AppError, forbidden, notFound } from '#server/lib/errors'
import { useRuntime } from '#server/runtime'
import { defineApiGuard } from '../utils/api'
import { isBelow, isOpenPath, isStartPasswordPath } from '../utils/paths'
import { readSessionToken, requireSession } from '../utils/session'

/** Denies by prefix: below /api only what is listed as open answers without a session. Handlers prove the rest. */
export default defineApiGuard(async (event) => {
  // The routes of nuxt-auth-utils end a cookie without its session.
  if (isBelow(event.path, '/api/_auth')) throw notFound('path')
  if (isOpenPath(event.path)) return
  const token = await readSessionToken(event)
  const session = token === null ? null : await useRuntime().services.sessions.find(token)
  if (session) event.context.auth = session
  const { user } = requireSession(event)
  if (user.mustChangePassword && !isStartPasswordPath(event.path)) throw new AppError('password_change_required', 'Change your password first.')
  if (isBelow(event.path, '/api/admin') && user.role !== 'admin') throw forbidden('Only admins may do this.')
})
