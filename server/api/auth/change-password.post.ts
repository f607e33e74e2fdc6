import { changePasswordSchema } from '#shared/schemas/auth'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { callerOf, requireSession, writeSessionToken } from '#server/utils/session'

/** Ends all sessions of the user and begins another one here. */
export default defineApi(async (event): Promise<MeView> => {
  const session = requireSession(event)
  const input = await readInput(event, changePasswordSchema)
  const { token, user } = await useRuntime().services.users.changePassword(session, input, callerOf(event))
  await writeSessionToken(event, token)
  return { user }
})
