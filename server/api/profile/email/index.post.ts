import { emailRequestSchema } from '#shared/schemas/auth'
import type { CodeSentView } from '#shared/types/user'
import { useRuntime } from '#server/runtime'
import { accepted, defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { languageOfRequest, requireSession } from '#server/utils/session'

export default defineApi(async (event): Promise<CodeSentView> => {
  const session = requireSession(event)
  const input = await readInput(event, emailRequestSchema)
  return accepted(event, await useRuntime().services.profile.requestEmail(session, input, clientIpOf(event), languageOfRequest(event)))
})
