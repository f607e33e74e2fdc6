import type { ListOf } from '#shared/types/api'
import type { SessionView } from '#shared/types/user'
import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { requireSession } from '#server/utils/session'

export default defineApi(async (event): Promise<ListOf<SessionView>> => ({ items: await useRuntime().services.profile.sessions(requireSession(event)), nextCursor: null }))
