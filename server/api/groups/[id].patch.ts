import { groupPatchSchema } from '#shared/schemas/group'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, groupPatchSchema)
  return useRuntime().services.groups.update(actor, idOf(event, 'group'), input)
})
