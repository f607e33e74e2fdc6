import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(event => useRuntime().services.settings.view(requireActor(event)))
