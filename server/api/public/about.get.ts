import { aboutSchema } from '#shared/schemas/settings'
import { useRuntime } from '#server/runtime'
import { defineApi, readFilter } from '#server/utils/api'

/** What the operator says of this relay. */
export default defineApi(event => useRuntime().services.settings.about(readFilter(event, aboutSchema).language))
