import '#nitro-internal-pollyfills'
import { createServer } from 'node:http'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { startScheduleRunner } from 'nitropack/runtime/internal/task'
import { announce } from './announce'
import { startRuntime, stopRuntime } from './runtime'
import { closeGracefully, listen, tune } from './listen'

/** The process: runtime first, then the port, so that no request ever meets a half-started server. */
async function main(): Promise<void> {
  const nitro = useNitroApp()
  const runtime = await startRuntime()
  // The first page loads all of the page code at once, which would hold up running streams for as long.
  await nitro.localFetch('/login', { headers: { accept: 'text/html' } })
  const server = tune(createServer(toNodeListener(nitro.h3App)))
  await listen(server, runtime.config.PORT, runtime.config.HOST)
  announce(runtime, server)
  if (import.meta._tasks) {
    startScheduleRunner()
    runtime.tasks.catchUp().catch((error: unknown) => runtime.logger.error({ err: error }, 'missed tasks could not be run'))
  }

  let ending = false
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ending) process.exit(1)
    ending = true
    runtime.logger.info({ signal }, 'shutting down')
    runtime.ending = true
    await new Promise(resolve => setTimeout(resolve, runtime.config.SHUTDOWN_DELAY_MS))
    // Live streams would go on for ever; their readers come back to another instance.
    await runtime.live.stop()
    await closeGracefully(server, runtime.config.SHUTDOWN_TIMEOUT_MS)
    await nitro.hooks.callHook('close')
    await stopRuntime()
    process.exit(0)
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => runtime.logger.error({ err: error }, event))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
