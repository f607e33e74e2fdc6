import { accountCreateSchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, accountCreateSchema)
  return created(event, await useRuntime().services.accounts.create(actor, input))
})
