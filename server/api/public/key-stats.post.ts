import { keyStatsSchema } from '#shared/schemas/share'
import { useRuntime } from '#server/runtime'
import { defineApi, readInput } from '#server/utils/api'
import { clientIpOf } from '#server/utils/peer'

/** The same by a key or a link's token, for scripts. */
export default defineApi(async (event) => {
  const asked = await readInput(event, keyStatsSchema)
  return useRuntime().services.keyQuery.ask(asked, clientIpOf(event))
})
