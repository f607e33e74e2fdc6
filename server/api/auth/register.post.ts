import { registerSchema } from '#shared/schemas/auth'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { languageOfRequest, callerOf, writeSessionToken } from '#server/utils/session'

export default defineApi(async (event): Promise<MeView> => {
  const input = await readInput(event, registerSchema)
  const { token, user } = await useRuntime().services.registration.register(input, callerOf(event), languageOfRequest(event))
  await writeSessionToken(event, token)
  return created(event, { user })
})
