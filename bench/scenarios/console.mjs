import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { consolePages, largeInstallation, publicPages } from '../lib/large.mjs'
import { spread } from '../lib/stats.mjs'

/** Every page of the console over a large installation: the first HTML, and the scripts that come with it. Only when named: the seed takes minutes. */
export const title = 'Pages of the console over 10,000 keys, 1,000 accounts and 1,000,000 requests'
export const onlyNamed = true

/** Lists in another order, or searched. */
const queries = ['/keys?sort=-week', '/keys?q=999', '/accounts?sort=state', '/logs?outcome=upstream_error']
const budgetMs = 300
const budgetKiB = { console: 480, public: 230 }
const files = fileURLToPath(new URL('../../.output/public', import.meta.url))

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const relay = await largeInstallation(bench)
  const rows = []
  for (const path of [...consolePages, ...queries]) rows.push(...await look(relay, path, relay.cookie, budgetKiB.console))
  for (const path of publicPages) rows.push(...await look(relay, path, '', budgetKiB.public))
  await relay.stop()
  return rows
}

/** One page, twenty times, one after another. */
async function look(/** @type {import('../relay.mjs').Relay} */ relay, /** @type {string} */ path, /** @type {string} */ cookie, /** @type {number} */ kib) {
  const times = []
  let html = ''
  for (let n = 0; n < 20; n++) {
    const from = performance.now()
    const response = await fetch(relay.url + path, { headers: { cookie, accept: 'text/html' }, redirect: 'manual', signal: AbortSignal.timeout(60_000) })
    html = await response.text()
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
    times.push(performance.now() - from)
  }
  const ms = spread(times)
  const weight = scriptsOf(html) / 1_024
  const less = /** @type {const} */ ('less')
  return [
    { id: `console-html ${path}`, label: `${path}, ${Math.round(html.length / 1_024)} KiB of HTML`, unit: 'ms', relay: ms, figure: ms.median, better: less, budget: budgetMs },
    ...path.includes('?') ? [] : [{ id: `console-js ${path}`, label: `${path}, scripts with gzip`, unit: 'KiB', relay: spread([weight]), figure: weight, better: less, budget: kib }],
  ]
}

/** @type {Map<string, number>} */
const weights = new Map()

/** Bytes, with gzip, of the scripts that a page names in its head: what runs before anything is pointed at. */
function scriptsOf(/** @type {string} */ html) {
  const named = new Set([...html.matchAll(/<(?:script|link)[^>]+?(?:src|href)="(\/_nuxt\/[^"]+\.js)"/g)].filter(([tag]) => !/rel="prefetch"/.test(tag)).map(match => match[1]))
  let sum = 0
  for (const name of named) {
    const known = weights.get(name) ?? gzipSync(readFileSync(files + name)).length
    weights.set(name, known)
    sum += known
  }
  return sum
}
