import { fileURLToPath } from 'node:url'
import { useNuxt } from 'nuxt/kit'
import { pageStyles } from './build/page-styles'
import { serverBuild } from './build/server'
import { tdesignIcons } from './build/tdesign-icons'
import { tasksByTime } from './server/schedule'

const styles = pageStyles(fileURLToPath(new URL('.', import.meta.url)))

export default defineNuxtConfig({
  modules: ['@nuxt/ui', '@tdesign-vue-next/nuxt', 'nuxt-auth-utils', '@nuxt/eslint'],
  imports: { imports: [{ name: 'useI18n', from: 'vue-i18n' }] },
  devtools: { enabled: false },
  app: {
    head: {
      // TDesign's dark theme follows the class that @nuxtjs/color-mode sets, before the first paint.
      script: [{ src: '/theme-mode.js', tagPosition: 'head' }],
      link: [{ rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }],
      meta: [{ name: 'viewport', content: 'width=device-width, initial-scale=1' }],
    },
  },
  css: ['~/assets/main.css'],
  colorMode: { preference: 'system', fallback: 'light' },
  ui: { fonts: false },
  runtimeConfig: { session: { name: 'relay-session', maxAge: 60 * 60 * 24 * 7, password: '' } },
  alias: { '#server': fileURLToPath(new URL('./server', import.meta.url)) },
  build: { transpile: ['tdesign-vue-next', 'tdesign-icons-vue-next'] },
  features: { inlineStyles: false },
  // A page's scripts come when somebody points at a link to it, not for every link in sight.
  experimental: { defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } } },
  compatibilityDate: '2026-01-01',
  nitro: {
    preset: 'node-server',
    esbuild: { options: { target: 'node20' } },
    compressPublicAssets: true,
    experimental: { tasks: true },
    // Hundreds of small files: in the bundle they take a part of the time to load. Vue itself must stay one module for all.
    externals: { inline: ['reka-ui', 'drizzle-orm', 'zod', '@iconify/utils', '@iconify/vue', 'nodemailer', '@internationalized/date', '@internationalized/number', 'uuid', '@vueuse/core', '@vueuse/shared', 'tailwind-variants', 'csv-stringify'] },
    scheduledTasks: tasksByTime(),
    serverAssets: [
      { baseName: 'migrations', dir: '../drizzle/migrations', ignore: ['**/*_snapshot.json'] },
      { baseName: 'content', dir: '../content' },
    ],
  },
  vite: {
    define: {
      __VUE_I18N_LEGACY_API__: 'false',
      __VUE_I18N_FULL_INSTALL__: 'false',
      __INTLIFY_PROD_DEVTOOLS__: 'false',
      __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
    },
    plugins: [tdesignIcons(), styles.plugin],
    server: { watch: { ignored: ['**/data/**', '**/tests/**'] } },
  },
  typescript: { strict: true },
  telemetry: false,
  hooks: {
    'build:manifest'(manifest) {
      styles.complete(manifest)
      // No prefetch of other layouts' and pages' chunks on a first visit.
      for (const item of Object.values(manifest)) item.dynamicImports = []
    },
    'modules:done'() {
      // nuxt-auth-utils adds a block for each of 40 OAuth providers, and Nitro clones the whole config on every request that asks for it.
      delete (useNuxt().options.runtimeConfig as { oauth?: unknown }).oauth
    },
    'nitro:init': serverBuild,
  },
  // Who is signed in is the session row's word, not the cookie's: the pages ask /api/auth/me themselves.
  auth: { loadStrategy: 'none' },
  eslint: { config: { stylistic: true } },
  icon: {
    provider: 'server',
    fallbackToApi: false,
    serverBundle: { collections: ['lucide'] },
    clientBundle: { scan: true, sizeLimitKb: 256 },
  },
  tdesign: { importVariables: false },
})
