import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { requireSession } from '#server/utils/session'

export default defineApi(async (event) => {
  await useRuntime().services.profile.endSession(requireSession(event), idOf(event, 'session'), clientIpOf(event))
  return noContent(event)
})
