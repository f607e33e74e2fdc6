import { useRuntime } from '#server/runtime'
import { defineApi } from '#server/utils/api'
import { openEventStream } from '#server/utils/event-stream'
import { readSessionToken, requireActor, requireSession } from '#server/utils/session'

/** Server-sent events until the reader leaves or the session ends. */
export default defineApi(async (event) => {
  const { services, live } = useRuntime()
  const actor = requireActor(event)
  const sessionId = requireSession(event).row.id
  const token = await readSessionToken(event) ?? ''
  const isValid = async (): Promise<boolean> => {
    const session = await services.sessions.find(token)
    return session !== null && session.user.role === actor.role && !session.user.mustChangePassword
  }
  live.open({ actor, sessionId, isValid }, () => openEventStream(event))
})
