import { signInStartSchema } from '#shared/schemas/account'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, signInStartSchema)
  return useRuntime().services.signIns.start(actor, input)
})
