import { accountLiveSchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  const { ids } = readFilter(event, accountLiveSchema)
  return useRuntime().services.insight.live(actor, ids)
})
