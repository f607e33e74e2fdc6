import { accountPatchSchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, accountPatchSchema)
  return useRuntime().services.accounts.update(actor, idOf(event, 'account'), input)
})
