import { MAX_PRICE_FILE_BYTES, priceFileSchema } from '#shared/schemas/price'
import { useRuntime } from '#server/runtime'
import { defineApi, readBytes, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** The body is the file itself. */
export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { name, ...options } = readFilter(event, priceFileSchema)
  return useRuntime().services.priceImport.file(actor, await readBytes(event, MAX_PRICE_FILE_BYTES), name, options)
})
