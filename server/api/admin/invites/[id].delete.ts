import { useRuntime } from '#server/runtime'
import { defineApi, idOf, noContent } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** Withdraws it; users who were made by it stay. */
export default defineApi(async (event) => {
  await useRuntime().services.invites.revoke(requireActor(event), idOf(event, 'invitation'))
  return noContent(event)
})
