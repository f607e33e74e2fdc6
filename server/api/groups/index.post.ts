import { groupCreateSchema } from '#shared/schemas/group'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, groupCreateSchema)
  return created(event, await useRuntime().services.groups.create(actor, input))
})
