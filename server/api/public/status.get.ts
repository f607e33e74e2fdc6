import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'

/** The relay's health as every visitor may know it. */
export default defineApi(() => useRuntime().services.status())
