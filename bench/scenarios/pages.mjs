import { mainThreadMs } from '../lib/fleet.mjs'
import { day, seededRelay, seedLogs } from '../lib/seed.mjs'
import { spread, summary } from '../lib/stats.mjs'

/** 50 running streams while a page lists and filters 200,000 log rows on SQLite, against the same streams alone. */
export const title = 'Streams beside a page over 200,000 log rows (50 streams, one event per 10 ms)'

const streams = 50
const interval = 10
/** Streams straight to the upstream at the same time: the gaps that the machine itself causes. */
const controls = 10

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const count = bench.quick ? 20_000 : 200_000
  const rounds = bench.quick ? 1 : 3
  const events = bench.quick ? 300 : 1_000
  const { relay, target } = await seededRelay(bench, (dataDir, owner) => seedLogs(dataDir, count, owner))
  const paths = pathsOf(target, await newestCursor(relay))

  const quiet = new Gaps()
  const loaded = new Gaps()
  const cold = await gapOfFirstPage(bench, relay, target)
  /** @type {Record<string, number[]>} */
  const pages = { api: [], page: [] }
  for (let round = 0; round < rounds; round++) {
    for (const gaps of [quiet, loaded]) {
      const load = new PageLoad(relay, paths)
      const [own, control] = await Promise.all([
        bench.load(target, { mode: 'paced', connections: streams, requests: streams, events, interval }, async () => gaps === loaded && load.start()),
        bench.load(bench.direct, { mode: 'paced', connections: controls, requests: controls, events, interval, bodyBytes: 1_024 }),
      ]).finally(() => load.stop())
      gaps.add(own.gapMs, control.gapMs)
      await load.ended(pages)
    }
  }
  const blocked = { api: await mainThreadPer(relay, paths.api), page: await mainThreadPer(relay, paths.page) }
  await relay.stop()
  const caused = Math.max(...loaded.max) - Math.max(...quiet.max)
  const api = summary(pages.api)
  const page = summary(pages.page)
  return [
    { id: 'page-gap-max', label: `largest gap, ${count} rows`, unit: 'ms', yardstick: spread(quiet.max), relay: spread(loaded.max), figure: caused, as: '+', better: 'less', budget: 50 },
    { id: 'page-gap-p99', label: 'gap, p99', unit: 'ms', yardstick: spread(quiet.p99), relay: spread(loaded.p99), figure: spread(loaded.p99).median - spread(quiet.p99).median, as: '+', better: 'less' },
    { id: 'page-gap-cold', label: 'largest gap at the first page after a start', unit: 'ms', relay: spread([cold]) },
    { id: 'page-control', label: 'largest gap of streams that pass no relay', unit: 'ms', yardstick: spread(quiet.control), relay: spread(loaded.control) },
    { id: 'page-cpu', label: 'event loop busy per page, at most its block', unit: 'ms', relay: spread(blocked.page), figure: spread(blocked.page).median, better: 'less' },
    { id: 'page-api-cpu', label: 'event loop busy per list by API', unit: 'ms', relay: spread(blocked.api), figure: spread(blocked.api).median, better: 'less' },
    { id: 'page-api-ms', label: `${api.count} lists by API, p50 to max`, unit: 'ms', relay: { median: api.p50, min: Math.min(...pages.api), max: api.max } },
    { id: 'page-html-ms', label: `${page.count} pages rendered, p50 to max`, unit: 'ms', relay: { median: page.p50, min: Math.min(...pages.page), max: page.max } },
  ]
}

/** Renderer and page are loaded at their first use; this is what running streams notice of it. */
async function gapOfFirstPage(/** @type {import('../lib/bench.mjs').Bench} */ bench, /** @type {import('../relay.mjs').Relay} */ relay, /** @type {import('../client.mjs').Target} */ target) {
  const { gapMs } = await bench.load(target, { mode: 'paced', connections: streams, requests: streams, events: 300, interval }, async () => {
    const response = await fetch(`${relay.url}/logs`, { headers: { cookie: relay.cookie }, signal: AbortSignal.timeout(30_000) })
    await response.arrayBuffer()
  })
  return gapMs.max
}

/** CPU that the event loop's thread spends on each path, one after another and without streams: unlike a gap, hardly a matter of the machine's load. */
async function mainThreadPer(/** @type {import('../relay.mjs').Relay} */ relay, /** @type {string[]} */ paths) {
  const times = []
  for (const path of paths) {
    const before = mainThreadMs(relay.pid)
    for (let n = 0; n < 20; n++) await (await fetch(relay.url + path, { headers: { cookie: relay.cookie } })).arrayBuffer()
    times.push((mainThreadMs(relay.pid) - before) / 20)
  }
  return times
}

/** The lists that people ask for: newest first, the next page, each filter alone and some together. */
export function pathsOf(/** @type {{ keyId: string, accountId: string }} */ { keyId, accountId }, /** @type {string} */ cursor) {
  const to = Date.now()
  const queries = [
    '', 'limit=100', `cursor=${encodeURIComponent(cursor)}`, 'model=claude-opus-5-5', 'status=529', 'outcome=upstream_error', 'stream=false',
    `keyId=${keyId}`, `accountId=${accountId}&outcome=upstream_error`, `keyId=${keyId}&status=499`, `from=${to - 7 * day}&to=${to - 6 * day}`,
    `from=${to - 30 * day}&to=${to}&model=no-such-model`, 'sessionId=00000000-0000-4000-8000-000000000042', `requestId=req_${'0'.repeat(31)}7`,
  ]
  return { api: queries.map(query => `/api/logs?${query}`), page: ['/logs', '/logs?outcome=upstream_error', `/logs?keyId=${keyId}`] }
}

/** @type {(relay: import('../relay.mjs').Relay) => Promise<string>} */
async function newestCursor(relay) {
  const { items, nextCursor } = await relay.api('GET', '/api/logs')
  if (!items.length || !nextCursor) throw new Error('the seeded rows are not listed')
  return nextCursor
}

class Gaps {
  constructor() {
    /** @type {number[]} */
    this.max = []
    /** @type {number[]} */
    this.p99 = []
    /** @type {number[]} */
    this.control = []
  }

  /** @type {(own: import('../lib/stats.mjs').Summary, control: import('../lib/stats.mjs').Summary) => void} */
  add(own, control) {
    this.max.push(own.max)
    this.p99.push(own.p99)
    this.control.push(control.max)
  }
}

/** One reader of the API and one of the rendered page, each asking as soon as it has its answer. */
class PageLoad {
  /**
   * @param {import('../relay.mjs').Relay} relay
   * @param {{ api: string[], page: string[] }} paths
   */
  constructor(relay, paths) {
    this.relay = relay
    this.paths = paths
    this.on = true
    /** @type {Record<string, number[]>} */
    this.times = { api: [], page: [] }
    /** @type {Promise<PromiseSettledResult<void>[]>} */
    this.readers = Promise.resolve([])
  }

  start() {
    this.readers = Promise.allSettled([this.#read('api'), this.#read('page')])
  }

  stop() {
    this.on = false
  }

  /** Adds what was measured to `pages`; throws when a list or page failed. */
  async ended(/** @type {Record<string, number[]>} */ pages) {
    for (const reader of await this.readers) if (reader.status === 'rejected') throw reader.reason
    for (const [kind, times] of Object.entries(this.times)) pages[kind].push(...times)
  }

  /** @param {'api' | 'page'} kind */
  async #read(kind) {
    const paths = this.paths[kind]
    for (let n = 0; this.on; n++) {
      const started = performance.now()
      const path = paths[n % paths.length]
      const response = await fetch(this.relay.url + path, { headers: { cookie: this.relay.cookie }, redirect: 'manual', signal: AbortSignal.timeout(30_000) })
      await response.arrayBuffer()
      if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
      this.times[kind].push(performance.now() - started)
    }
  }
}
