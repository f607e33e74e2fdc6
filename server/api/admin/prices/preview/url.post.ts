import { priceUrlSchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { names, ...where } = await readInput(event, priceUrlSchema)
  return useRuntime().services.priceImport.url(actor, where, { names })
})
