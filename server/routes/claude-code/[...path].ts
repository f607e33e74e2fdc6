import { defineEventHandler } from 'h3'
import { serveRelay } from '#server/relay/front'
import { useRuntime } from '#server/runtime'

/** The relay writes to the response itself: h3 must not touch it. */
export default defineEventHandler((event) => {
  event._handled = true
  return serveRelay(useRuntime().relay, event.node.req, event.node.res)
})
