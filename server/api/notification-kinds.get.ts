import type { ListOf } from '#shared/types/api'
import type { ChannelKindView } from '#shared/types/notification'
import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** What the console's form of a channel is drawn from. */
export default defineApi((event): ListOf<ChannelKindView> => {
  requireActor(event)
  return { items: useRuntime().services.channels.kinds(), nextCursor: null }
})
