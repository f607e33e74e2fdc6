import { defineNitroPlugin } from 'nitropack/runtime'
import { startRuntime } from '#server/runtime'

/**
 * Starts the runtime and lets requests wait for it. The production entry opens its port afterwards; the development server
 * listens at once. Building pages runs plugins too, without a database.
 */
export default defineNitroPlugin((nitro) => {
  if (import.meta.prerender) return
  const { h3App } = nitro
  const handler = h3App.handler
  const starting = startRuntime()
  h3App.handler = async (event) => {
    await starting
    h3App.handler = handler
    return handler(event)
  }
  // The entry reports a failed start; here it only must not count as unhandled.
  starting.catch(() => undefined)
})
