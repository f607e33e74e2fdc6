import { send, setResponseHeader } from 'h3'
import { defineNitroErrorHandler } from 'nitropack/runtime'
import { useRuntime } from './runtime'
import { newRequestId } from './lib/id'
import { RelayError, sendError } from './relay/errors'
import { answerError } from './utils/api-error'
import { isApiPath, isRelayPath } from './utils/paths'

/** What no handler caught: JSON of our shape below /api and of Anthropic's below /claude-code. Pages keep Nuxt's error page. */
export default defineNitroErrorHandler((error, event) => {
  if (event.handled || event.node.res.headersSent) return
  if (isRelayPath(event.path)) {
    const requestId = newRequestId()
    useRuntime().logger.error({ err: error.cause ?? error, requestId }, 'a relay route failed')
    return sendError(event.node.res, new RelayError('internal', 'The relay failed. Its log has the details under this request id.'), requestId, [])
  }
  if (!isApiPath(event.path)) return
  const body = JSON.stringify(answerError(event, error))
  setResponseHeader(event, 'content-type', 'application/json')
  return send(event, body)
})
