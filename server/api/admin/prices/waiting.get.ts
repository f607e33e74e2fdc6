import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  return { items: await useRuntime().services.prices.waiting(actor), nextCursor: null }
})
