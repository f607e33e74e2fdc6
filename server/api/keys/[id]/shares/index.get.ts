import { useRuntime } from '#server/runtime'
import { defineApi, idOf } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(event => useRuntime().services.shares.list(requireActor(event), idOf(event, 'key')))
