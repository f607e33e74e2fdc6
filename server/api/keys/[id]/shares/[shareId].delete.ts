import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  await useRuntime().services.shares.revoke(actor, idOf(event, 'key'), idOf(event, 'link', 'shareId'))
  return noContent(event)
})
