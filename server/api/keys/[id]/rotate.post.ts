import { keyRotateSchema } from '#shared/schemas/key'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, keyRotateSchema)
  return useRuntime().services.keys.rotate(actor, idOf(event, 'key'), input)
})
