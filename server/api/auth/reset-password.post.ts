import { resetPasswordSchema } from '#shared/schemas/auth'
import { useRuntime } from '#server/runtime'
import { defineApi, noContent, readInput } from '#server/utils/api'
import { callerOf } from '#server/utils/session'

/** Ends all sessions of the user. */
export default defineApi(async (event) => {
  const input = await readInput(event, resetPasswordSchema)
  await useRuntime().services.users.resetPassword(input, callerOf(event))
  return noContent(event)
})
