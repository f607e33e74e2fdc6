import { groupDeleteSchema } from '#shared/schemas/group'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  await useRuntime().services.dissolveGroup(actor, idOf(event, 'group'), readFilter(event, groupDeleteSchema))
  return noContent(event)
})
