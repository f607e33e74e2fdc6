// Takes pictures of pages over the demo's data, for the readme: the same people, hour and weekday each time.
//   npm run screenshots                          those of the readme
//   npm run screenshots -- /keys /logs           these pages, named by their path, light and dark
//   npm run screenshots -- --out folder --width 375 --language zh-CN /accounts
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from './lib/build.mjs'
import { importBundled } from './lib/bundle.mjs'
import { ensureInstalled } from './lib/install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const desk = { width: 1440, height: 900, language: 'en', scheme: 'light' }
const phone = { ...desk, width: 375, height: 760 }
const standard = [
  { ...desk, name: 'dashboard', path: '/dashboard' },
  { ...desk, name: 'dashboard-dark', path: '/dashboard', scheme: 'dark' },
  { ...desk, name: 'accounts', path: '/accounts' },
  { ...desk, name: 'keys', path: '/keys' },
  { ...desk, name: 'request', path: '/logs', detail: true, height: 1100 },
  { ...phone, name: 'dashboard-phone', path: '/dashboard' },
  { ...phone, name: 'keys-phone-dark', path: '/keys', scheme: 'dark' },
]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'docs/screenshots') },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
    language: { type: 'string', default: 'en' },
  },
})

/** How far Wednesday, 15:20 in Shanghai, lies ahead; milliseconds, less than a week. */
function ahead() {
  const [day, week] = [86_400_000, 604_800_000]
  // The epoch began on a Thursday.
  const wanted = 6 * day + (7 * 60 + 20) * 60_000
  return (wanted - Date.now() % week + week) % week
}

const named = positionals.flatMap(path => ['light', 'dark'].map(scheme => ({
  path, scheme, name: `${path.replace(/^\//, '').replace(/\W+/g, '-') || 'start'}-${values.width}-${scheme}`, width: Number(values.width), height: Number(values.height), language: values.language,
})))

process.chdir(root)
await ensureInstalled(root)
await ensureBuilt(root)
const { provide } = await import('./test/services.mjs')
const dir = mkdtempSync(join(tmpdir(), 'relay-pictures-'))
const clock = pathToFileURL(join(root, 'scripts/demo/clock.mjs'))
clock.searchParams.set('ahead', String(ahead()))
try {
  const { env, missing } = await provide(['chromium'], { dir, root })
  if (missing.length > 0) throw new Error(`${missing[0].name} is missing: ${missing[0].how}`)
  Object.assign(process.env, env)
  await import(clock.href)
  const { takeAll } = await importBundled(root, 'demo/take-pictures.ts')
  const taken = await takeAll(named.length > 0 ? named : standard, { root, folder: resolve(values.out), execArgv: ['--import', clock.href] })
  for (const { file, bytes } of taken) console.log(`${relative(root, file)}  ${Math.round(bytes / 1024)} KB`)
}
finally {
  rmSync(dir, { recursive: true, force: true })
}
