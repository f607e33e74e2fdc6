import { defineEventHandler, getQuery, handleCacheHeaders, setResponseHeaders, setResponseStatus } from 'h3'
import { useRuntime } from '#server/runtime'
import { picturePolicy } from '#server/utils/policy'

/** The operator's picture. Asked for with its version it is kept for good, else looked at anew each time. */
export default defineEventHandler((event) => {
  const { logo } = useRuntime().services.settings
  setResponseHeaders(event, { 'content-security-policy': picturePolicy, 'x-content-type-options': 'nosniff' })
  if (!logo) {
    setResponseStatus(event, 404)
    setResponseHeaders(event, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    return 'There is no picture.'
  }
  const forGood = getQuery(event).v === logo.version
  const unchanged = handleCacheHeaders(event, { etag: `"${logo.version}"`, cacheControls: forGood ? ['max-age=31536000', 'immutable'] : ['no-cache'] })
  if (unchanged) return null
  setResponseHeaders(event, { 'content-type': logo.type })
  return logo.bytes
})
