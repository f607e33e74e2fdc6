import { userCreateSchema } from '#shared/schemas/user'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, userCreateSchema)
  return created(event, await useRuntime().services.userAdmin.create(actor, input))
})
