import { defineEventHandler, setResponseStatus } from 'h3'
import { useRuntime } from '#server/runtime'

/** The stores answer: database and kv, each with its own verdict; not while stopping. Migrations ran before the port was opened. */
export default defineEventHandler(async (event) => {
  const { store, kv, logger, ending } = useRuntime()
  const check = async (name: string, ping: () => Promise<void>): Promise<[string, boolean]> => {
    try {
      await ping()
      return [name, true]
    }
    catch (error) {
      logger.warn({ err: error, part: name }, 'not ready')
      return [name, false]
    }
  }
  const checks = Object.fromEntries(await Promise.all([check('database', () => store.ping()), check('kv', () => kv.ping())]))
  const ready = !ending && Object.values(checks).every(Boolean)
  setResponseStatus(event, ready ? 200 : 503)
  return { status: ready ? 'ready' : ending ? 'stopping' : 'not ready', checks }
})
