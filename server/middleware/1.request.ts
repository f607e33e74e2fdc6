import { defineEventHandler, setResponseHeader } from 'h3'
import { newRequestId } from '#server/lib/id'
import { useRuntime } from '#server/runtime'
import { isAssetPath, isRelayPath } from '../utils/paths'

/** Gives each request of pages and API an id, and tells pages whether all data is made up. The relay makes its own. */
export default defineEventHandler((event) => {
  if (isRelayPath(event.path) || isAssetPath(event.path)) return
  event.context.requestId = newRequestId()
  event.context.demo = useRuntime().config.DEMO
  setResponseHeader(event, 'x-relay-request-id', event.context.requestId)
})
