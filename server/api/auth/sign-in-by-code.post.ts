import { codeSignInSchema } from '#shared/schemas/auth'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { callerOf, writeSessionToken } from '#server/utils/session'

export default defineApi(async (event): Promise<MeView> => {
  const input = await readInput(event, codeSignInSchema)
  const { token, user } = await useRuntime().services.users.signInByCode(input, callerOf(event))
  await writeSessionToken(event, token)
  return { user }
})
