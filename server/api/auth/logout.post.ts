import { useRuntime } from '#server/runtime'
import { defineApi, noContent } from '#server/utils/api'
import { clearSessionToken, requireSession } from '#server/utils/session'

export default defineApi(async (event) => {
  await useRuntime().services.users.signOut(requireSession(event))
  await clearSessionToken(event)
  return noContent(event)
})
