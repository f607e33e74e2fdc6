import type { MeView } from '#shared/types/api'
import { userView } from '#server/users/view'
import { defineApi } from '#server/utils/api'
import { requireSession } from '#server/utils/session'

export default defineApi((event): MeView => ({ user: userView(requireSession(event).user) }))
