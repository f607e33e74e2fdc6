import { userPatchSchema } from '#shared/schemas/user'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, userPatchSchema)
  return useRuntime().services.userAdmin.update(actor, idOf(event, 'user'), input)
})
