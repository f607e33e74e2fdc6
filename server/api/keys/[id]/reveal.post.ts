import { useRuntime } from '#server/runtime'
import { defineApi, idOf } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** A POST, since it is audited and must not be prefetched or cached. */
export default defineApi(async (event) => {
  const actor = requireActor(event)
  return { key: await useRuntime().services.keys.reveal(actor, idOf(event, 'key')) }
})
