import { channelPatchSchema } from '#shared/schemas/notification'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, channelPatchSchema)
  return useRuntime().services.channels.update(actor, idOf(event, 'channel'), input)
})
