import { statsExportSchema } from '#shared/schemas/stats'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { sendFile } from '#server/utils/download'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  await sendFile(event, await useRuntime().services.exports.statistics(actor, readFilter(event, statsExportSchema)))
})
