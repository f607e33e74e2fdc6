import { userRemoveQuery } from '#shared/schemas/user'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { transferTo } = readFilter(event, userRemoveQuery)
  await useRuntime().services.userAdmin.remove(actor, idOf(event, 'user'), transferTo)
  return noContent(event)
})
