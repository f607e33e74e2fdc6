import { inviteCheckSchema } from '#shared/schemas/auth'
import type { InviteCheckView } from '#shared/types/user'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'

export default defineApi(async (event): Promise<InviteCheckView> => {
  const { invite } = await readInput(event, inviteCheckSchema)
  return useRuntime().services.registration.checkInvite(invite, clientIpOf(event))
})
