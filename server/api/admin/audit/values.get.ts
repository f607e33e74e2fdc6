import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** What the audit list can be filtered by. */
export default defineApi(event => useRuntime().services.auditLog.values(requireActor(event)))
