import { keyLookSchema } from '#shared/schemas/share'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { readTicket } from '#server/utils/key-ticket'

/** What the cookie of the key query page shows. */
export default defineApi((event) => {
  const { cursor } = readFilter(event, keyLookSchema)
  return useRuntime().services.keyQuery.look(readTicket(event), cursor)
})
