import { keyCreateSchema } from '#shared/schemas/key'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, keyCreateSchema)
  return created(event, await useRuntime().services.keys.create(actor, input))
})
