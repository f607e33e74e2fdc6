import { addOld, countOld, seedHistory } from '../lib/history.mjs'
import { pause } from '../lib/fleet.mjs'
import { day, seededRelay } from '../lib/seed.mjs'
import { ascending, percentile, spread, summary } from '../lib/stats.mjs'
import { pathsOf } from './pages.mjs'

/** Lists, statistics and files over 10,000,000 log rows on SQLite, and requests while 1,000,000 old rows are cleared away. */
export const title = 'History of 10,000,000 requests (SQLite)'
/** Takes some ten minutes and 12 GB of disk: runs when it is named. */
export const onlyNamed = true

const days = 85
/** Beyond the three months that are kept. */
const old = 95
const blockRequests = 500

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const count = bench.quick ? 200_000 : 10_000_000
  const past = bench.quick ? 200_000 : 1_000_000
  const { relay, target } = await seededRelay(bench, (dataDir, owner) => seedHistory(dataDir, count, days, owner))
  const { items, nextCursor } = await relay.api('GET', '/api/logs')
  if (!items.length) throw new Error('the seeded rows are not listed')

  const rows = []
  for (const [kind, paths] of Object.entries({ 'lists of requests': pathsOf(target, nextCursor).api, 'statistics': statisticsOf(target) })) {
    const times = await timesOf(relay, paths)
    const all = summary(times.flatMap(({ ms }) => ms))
    const slowest = times.reduce((a, b) => percentile(ascending(a.ms), 0.5) > percentile(ascending(b.ms), 0.5) ? a : b)
    rows.push({ id: `history-${kind.split(' ')[0]}`, label: `${kind}, ${all.count} of ${count} rows, p50 to max`, unit: 'ms', relay: { median: all.p50, min: Math.min(...times.flatMap(({ ms }) => ms)), max: all.max } })
    rows.push({ id: `history-${kind.split(' ')[0]}-slowest`, label: `slowest: ${slowest.path}`, unit: 'ms', relay: spread(slowest.ms), figure: spread(slowest.ms).median, better: /** @type {const} */ ('less') })
  }
  rows.push({ id: 'history-export', label: 'first byte of a file of one day', unit: 'ms', relay: spread(await firstBytes(relay, `/api/logs/export?from=${Date.now() - day}&to=${Date.now()}`)) })

  const at = () => ({ ...target, port: relay.port })
  const block = async () => (await bench.load(at(), { mode: 'stream', connections: 1, requests: blockRequests, bodyBytes: 1_024, events: 20 })).samples
  await block()
  const idle = []
  for (let n = 0; n < (bench.quick ? 2 : 10); n++) idle.push(await block())

  await relay.stop()
  addOld(relay.dataDir, past, old)
  await relay.start()
  const clearing = []
  const started = performance.now()
  while (await isClearing(relay)) clearing.push(await block())
  const tookMs = performance.now() - started
  await relay.stop()
  const left = countOld(relay.dataDir, old)
  if (left) throw new Error(`${left} old rows are left`)
  const p99 = (/** @type {number[][]} */ blocks) => percentile(ascending(blocks.flat()), 0.99)
  const each = (/** @type {number[][]} */ blocks) => ({ ...spread(blocks.map(samples => percentile(ascending(samples), 0.99))), median: p99(blocks) })
  rows.push({ id: 'history-prune', label: `clearing ${past} old rows`, unit: 's', relay: spread([tookMs / 1_000]) })
  rows.push({
    id: 'history-prune-p99', label: `first byte meanwhile, p99 of ${clearing.flat().length}`, unit: 'ms',
    yardstick: each(idle), relay: each(clearing), figure: p99(clearing) / p99(idle), as: /** @type {const} */ ('×'), better: /** @type {const} */ ('less'), budget: 2,
  })
  return rows
}

/** What the statistics pages ask for. */
function statisticsOf(/** @type {{ keyId: string, accountId: string }} */ { keyId, accountId }) {
  const to = Math.floor(Date.now() / day) * day
  const span = (/** @type {number} */ back) => `from=${to - back * day}&to=${to}`
  return [
    ...['', `&keyId=${keyId}`, `&accountId=${accountId}`, '&model=claude-opus-5-5'].flatMap(filter => [`summary?${span(30)}${filter}`, `trend?${span(30)}&by=day${filter}`, `trend?${span(7)}&by=hour${filter}`]),
    `trend?${span(80)}&by=month`,
    ...['model', 'key', 'account', 'user', 'session', 'agent'].map(by => `breakdown?${span(30)}&by=${by}`),
  ].map(path => `/api/stats/${path}`)
}

/** Each path five times, one after another. */
async function timesOf(/** @type {import('../relay.mjs').Relay} */ relay, /** @type {string[]} */ paths) {
  const all = []
  for (const path of paths) {
    const ms = []
    for (let n = 0; n < 5; n++) {
      const from = performance.now()
      await (await asked(relay, path)).arrayBuffer()
      ms.push(performance.now() - from)
    }
    all.push({ path, ms })
  }
  return all
}

async function firstBytes(/** @type {import('../relay.mjs').Relay} */ relay, /** @type {string} */ path) {
  const times = []
  for (let n = 0; n < 5; n++) {
    const from = performance.now()
    const { body } = await asked(relay, path)
    const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader()
    await reader.read()
    times.push(performance.now() - from)
    await reader.cancel()
  }
  return times
}

async function asked(/** @type {import('../relay.mjs').Relay} */ relay, /** @type {string} */ path) {
  const response = await fetch(relay.url + path, { headers: { cookie: relay.cookie }, signal: AbortSignal.timeout(60_000) })
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}

/** True until the clearing that became due has ended. */
async function isClearing(/** @type {import('../relay.mjs').Relay} */ relay) {
  for (let n = 0; n < 100; n++) {
    const { tasks } = await relay.api('GET', '/api/admin/system')
    const { lastRun } = tasks.find((/** @type {{ name: string }} */ task) => task.name === 'logs:prune')
    if (lastRun) return lastRun.endedAt === null
    await pause(50)
  }
  throw new Error('the clearing did not begin')
}
