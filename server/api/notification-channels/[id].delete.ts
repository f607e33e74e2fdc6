import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  await useRuntime().services.channels.remove(actor, idOf(event, 'channel'))
  return noContent(event)
})
