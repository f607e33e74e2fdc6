import { inviteCreateSchema } from '#shared/schemas/user'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, inviteCreateSchema)
  return created(event, await useRuntime().services.invites.create(actor, input))
})
