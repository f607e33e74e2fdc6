import { priceHistorySchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { model } = readFilter(event, priceHistorySchema)
  return { items: await useRuntime().services.prices.history(actor, model), nextCursor: null }
})
