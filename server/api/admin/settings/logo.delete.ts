import { useRuntime } from '#server/runtime'
import { defineApi, noContent } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  await useRuntime().services.settings.removeLogo(requireActor(event))
  return noContent(event)
})
