import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const alias = [
  { find: /^#server\//, replacement: path('server/') },
  { find: /^#shared\//, replacement: path('shared/') },
  { find: /^~\//, replacement: path('./') },
]

/** A string keeps vite from reading tsconfig.json, which is whole only after `nuxt prepare`. */
const esbuild = { tsconfigRaw: '{}' }

interface Options {
  testTimeout: number
  hookTimeout: number
  filesAtATime?: number
  /** For tests that start nothing and keep nothing outside themselves: files share a thread and what they import. */
  isLight?: boolean
}

function project(name: string, { testTimeout, hookTimeout, filesAtATime, isLight = false }: Options) {
  return {
    resolve: { alias },
    esbuild,
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      environment: 'node' as const,
      pool: isLight ? 'threads' as const : 'forks' as const,
      isolate: !isLight,
      maxWorkers: filesAtATime,
      testTimeout,
      hookTimeout,
      // What comes by itself (a booked row, an event) may be late on a busy machine.
      expect: { poll: { timeout: 20_000 } },
    },
  }
}

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      project('unit', { testTimeout: 15_000, hookTimeout: 15_000, isLight: true }),
      project('contract', { testTimeout: 90_000, hookTimeout: 120_000, filesAtATime: 4 }),
      project('integration', { testTimeout: 60_000, hookTimeout: 120_000, filesAtATime: 2 }),
      project('e2e', { testTimeout: 120_000, hookTimeout: 180_000, filesAtATime: 2 }),
    ],
  },
})
