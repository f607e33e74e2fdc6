import { accountWhySchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.insight.why(actor, idOf(event, 'account'), readFilter(event, accountWhySchema))
})
