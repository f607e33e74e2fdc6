import type { LimitView, ListOf } from '#shared/types/api'
import { limits } from '#server/limits/index'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** The limits that a key can have, and how a form asks for them. */
export default defineApi((event): ListOf<LimitView> => {
  requireActor(event)
  return { items: limits.filter(({ form }) => form.length > 0).map(({ id, label, form }) => ({ id, label, form })), nextCursor: null }
})
