import { settingsPatchSchema } from '#shared/schemas/settings'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, settingsPatchSchema)
  return useRuntime().services.settings.update(actor, input)
})
