import { accountEventsSchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.insight.events(actor, idOf(event, 'account'), readFilter(event, accountEventsSchema))
})
