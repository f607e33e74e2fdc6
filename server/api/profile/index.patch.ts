import { profilePatchSchema } from '#shared/schemas/user'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { requireSession } from '#server/utils/session'

export default defineApi(async (event): Promise<MeView> => {
  const session = requireSession(event)
  const input = await readInput(event, profilePatchSchema)
  return { user: await useRuntime().services.profile.update(session, input, clientIpOf(event)) }
})
