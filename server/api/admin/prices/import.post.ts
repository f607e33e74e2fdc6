import { priceImportSchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

const MAX_BYTES = 4 * 1024 * 1024

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, priceImportSchema, MAX_BYTES)
  return created(event, await useRuntime().services.prices.import(actor, input))
})
