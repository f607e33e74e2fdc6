import { priceListSchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.prices.list(actor, readFilter(event, priceListSchema))
})
