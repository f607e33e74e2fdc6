import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Nitro } from 'nitropack/types'

const source = (path: string) => fileURLToPath(new URL(`../server/${path}`, import.meta.url))

const front = `// NODE_ENV decides which branches the dependencies take, so it must be set before they load.
process.env.NODE_ENV ||= 'production'
// The framework's hooks would keep a stack trace for a debugger that is not there, several times a request.
if (process.env.NODE_ENV === 'production') console.createTask = undefined
await import('./main.mjs')
`

/**
 * Shapes the server build: our own entry (it awaits migrations before it listens), the workers and the program that resets an admin as files of
 * their own beside it, and a front file that sets NODE_ENV before any dependency is loaded (Vue and vue-i18n read it on load).
 */
export function serverBuild(nitro: Nitro): void {
  nitro.hooks.hook('rollup:before', (_nitro, config) => {
    const plugins = Array.isArray(config.plugins) ? config.plugins : [config.plugins]
    config.plugins = [...plugins, {
      name: 'workers',
      buildStart() {
        this.emitFile({ type: 'chunk', id: source('db/sqlite-worker.ts'), fileName: 'sqlite-worker.mjs' })
        this.emitFile({ type: 'chunk', id: source('relay/estimate/worker.ts'), fileName: 'estimate-worker.mjs' })
        this.emitFile({ type: 'chunk', id: source('admin-reset.ts'), fileName: 'admin-reset.mjs' })
      },
    }]
    if (!nitro.options.dev && !Array.isArray(config.output) && config.output) config.output.entryFileNames = 'main.mjs'
  })
  // Ours answers the JSON paths and leaves pages to Nuxt's.
  nitro.options.errorHandler = [source('error-handler.ts'), ...[nitro.options.errorHandler ?? []].flat()]
  if (nitro.options.dev) return
  nitro.options.entry = source('entry.ts')
  nitro.hooks.hook('compiled', async () => {
    await writeFile(join(nitro.options.output.serverDir, 'index.mjs'), front)
  })
}
