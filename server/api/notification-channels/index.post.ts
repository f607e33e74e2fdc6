import { getCookie, getRequestHeader } from 'h3'
import { channelCreateSchema } from '#shared/schemas/notification'
import { languageOf } from '#shared/utils/language'
import { useRuntime } from '#server/runtime'
import { created, defineApi, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const input = await readInput(event, channelCreateSchema)
  const language = languageOf(getCookie(event, 'relay-lang'), getRequestHeader(event, 'accept-language'))
  return created(event, await useRuntime().services.channels.create(actor, input, language))
})
