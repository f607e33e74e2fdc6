import { codeRequestSchema } from '#shared/schemas/auth'
import type { CodeSentView } from '#shared/types/user'
import { useRuntime } from '#server/runtime'
import { accepted, defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'
import { languageOfRequest } from '#server/utils/session'

export default defineApi(async (event): Promise<CodeSentView> => {
  const input = await readInput(event, codeRequestSchema)
  return accepted(event, await useRuntime().services.requestCode(input, clientIpOf(event), languageOfRequest(event)))
})
