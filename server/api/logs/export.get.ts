import { logExportSchema } from '#shared/schemas/log'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { sendFile } from '#server/utils/download'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return sendFile(event, useRuntime().services.exports.logs(actor, readFilter(event, logExportSchema)))
})
