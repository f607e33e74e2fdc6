import { changePasswordSchema } from '#shared/schemas/auth'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireSession } from '#server/utils/session'

/** Ends all other sessions of the user. */
export default defineApi(async (event): Promise<MeView> => {
  const session = requireSession(event)
  const input = await readInput(event, changePasswordSchema)
  return { user: await useRuntime().services.users.changePassword(session, input) }
})
