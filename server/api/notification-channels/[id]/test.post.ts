import { useRuntime } from '#server/runtime'
import { defineApi, idOf } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** Sends a test message; the other side's refusal is an answer, not a failure of this call. */
export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.channels.test(actor, idOf(event, 'channel'))
})
