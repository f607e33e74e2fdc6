import { defineEventHandler, setResponseHeader } from 'h3'
import { newRequestId } from '#server/lib/id'
import { isAssetPath, isRelayPath } from '../utils/paths'

/** Gives each request of pages and API an id. The relay makes its own. */
export default defineEventHandler((event) => {
  if (isRelayPath(event.path) || isAssetPath(event.path)) return
  event.context.requestId = newRequestId()
  setResponseHeader(event, 'x-relay-request-id', event.context.requestId)
})
