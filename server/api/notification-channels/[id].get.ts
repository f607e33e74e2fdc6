import { useRuntime } from '#server/runtime'
import { defineApi, idOf } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.channels.get(actor, idOf(event, 'channel'))
})
