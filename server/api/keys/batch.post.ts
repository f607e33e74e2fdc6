import { keyBatchSchema } from '#shared/schemas/key'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, keyBatchSchema)
  return { changed: await useRuntime().services.keys.batch(actor, input) }
})
