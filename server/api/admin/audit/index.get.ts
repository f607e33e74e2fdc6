import { auditListSchema } from '#shared/schemas/audit'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi((event) => {
  const actor = requireActor(event)
  return useRuntime().services.auditLog.audit(actor, readFilter(event, auditListSchema))
})
