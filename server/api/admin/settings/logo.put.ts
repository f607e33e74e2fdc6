import { logoSchema } from '#shared/schemas/logo'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, logoSchema)
  return useRuntime().services.settings.setLogo(actor, input)
})
