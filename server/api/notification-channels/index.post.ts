import { channelCreateSchema } from '#shared/schemas/notification'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { languageOfRequest, requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, channelCreateSchema)
  return created(event, await useRuntime().services.channels.create(actor, input, languageOfRequest(event)))
})
