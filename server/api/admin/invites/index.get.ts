import { inviteListQuery } from '#shared/schemas/user'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.invites.list(actor, readFilter(event, inviteListQuery))
})
