import { statsBreakdownSchema } from '#shared/schemas/stats'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.statistics.breakdown(actor, readFilter(event, statsBreakdownSchema))
})
