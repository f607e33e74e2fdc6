import { useRuntime } from '#server/runtime'
import { defineApi, noContent } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { clearSessionToken, requireSession } from '#server/utils/session'

/** Signs out everywhere, here too. */
export default defineApi(async (event) => {
  await useRuntime().services.profile.endSessions(requireSession(event), clientIpOf(event))
  await clearSessionToken(event)
  return noContent(event)
})
