import { defineNitroPlugin } from 'nitropack/runtime'
import { startRuntime } from '#server/runtime'

/**
 * Lets the first request wait for the runtime. The production entry starts it before it opens its port; the development
 * server listens at once and starts it here.
 */
export default defineNitroPlugin(({ h3App }) => {
  const { handler } = h3App
  h3App.handler = async (event) => {
    await startRuntime()
    h3App.handler = handler
    return handler(event)
  }
})
