import { priceVersionSchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { version, model } = readFilter(event, priceVersionSchema)
  return { items: await useRuntime().services.prices.version(actor, version, model), nextCursor: null }
})
