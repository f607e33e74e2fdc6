import { getRequestHeader } from 'h3'
import { loginSchema } from '#shared/schemas/auth'
import type { MeView } from '#shared/types/api'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { writeSessionToken } from '#server/utils/session'

export default defineApi(async (event): Promise<MeView> => {
  const input = await readInput(event, loginSchema)
  const origin = { ip: clientIpOf(event), userAgent: getRequestHeader(event, 'user-agent') ?? null }
  const { token, user } = await useRuntime().services.users.signIn(input, origin)
  await writeSessionToken(event, token)
  return { user }
})
