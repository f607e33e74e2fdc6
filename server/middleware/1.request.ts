import { defineEventHandler, setResponseHeader } from 'h3'
import { newRequestId } from '#server/lib/id'
import { useRuntime } from '#server/runtime'
import { isApiPath, isAssetPath, isRelayPath } from '../utils/paths'
import { originOf } from '../utils/peer'

/** Gives each request of pages and API an id, and tells pages where this server is and whether all data is made up. The relay makes its own. */
export default defineEventHandler((event) => {
  if (isRelayPath(event.path) || isAssetPath(event.path)) return
  event.context.requestId = newRequestId()
  event.context.demo = useRuntime().config.DEMO
  if (!isApiPath(event.path)) event.context.origin ??= originOf(event)
  setResponseHeader(event, 'x-relay-request-id', event.context.requestId)
})
