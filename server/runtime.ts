import { useStorage } from 'nitropack/runtime'
import { boot, type Runtime } from './boot'
import { readConfig } from './config'

export type { Runtime } from './boot'

let starting: Promise<Runtime> | undefined
let running: Runtime | undefined

/** Starts everything behind the routes, once. Rejects with a message for people. */
export function startRuntime(): Promise<Runtime> {
  starting ??= boot({
    config: readConfig(process.env),
    workerUrl: new URL('./sqlite-worker.mjs', import.meta.url),
    estimateWorkerUrl: new URL('./estimate-worker.mjs', import.meta.url),
    readMigration: async (dialect, path) => {
      const raw = await useStorage(`assets:migrations:${dialect}`).getItemRaw<Uint8Array>(path.replaceAll('/', ':'))
      return raw === null || raw === undefined ? null : Buffer.from(raw).toString('utf8')
    },
  }).then((runtime) => {
    // nuxt-auth-utils reads its seal key from the environment only.
    process.env.NUXT_SESSION_PASSWORD = runtime.sessionPassword
    return running = runtime
  })
  return starting
}

/** The running parts. Handlers only run after the start, so this throws nowhere but in a mistake. */
export function useRuntime(): Runtime {
  if (!running) throw new Error('the runtime has not started')
  return running
}

export async function stopRuntime(): Promise<void> {
  await running?.stop()
}
