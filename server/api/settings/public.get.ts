import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'

export default defineApi(() => useRuntime().services.settings.public())
