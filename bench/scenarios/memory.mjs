import { freePort, settledRss } from '../lib/fleet.mjs'
import { Inspector } from '../lib/inspector.mjs'
import { spread } from '../lib/stats.mjs'

/** 1,000 open streams that say nothing, each process fresh and warm. */
export const title = 'Memory per idle open stream (1,000 streams, fresh processes)'

const streams = 1_000
const warmUp = 1_000
const sizes = [{ id: 'small', bytes: 4_096, label: '4 KiB requests' }, { id: 'large', bytes: 65_536, label: '64 KiB requests' }]

/** @typedef {{ rss: number, live: number }} PerStream KiB per stream */

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const rows = []
  for (const { id, bytes, label } of sizes) {
    /** @type {{ bare: PerStream[], relay: PerStream[] }} */
    const measured = { bare: [], relay: [] }
    for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
      for (const name of /** @type {const} */ (['bare', 'relay'])) measured[name].push(await measure(bench, name, bytes))
    }
    rows.push(
      { ...row(measured, 'rss'), id: `memory-${id}`, label: `${label}, resident`, budget: 1.3 },
      { ...row(measured, 'live'), id: `memory-${id}-live`, label: `${label}, alive after a collection` },
    )
  }
  return rows
}

/** @type {(measured: { bare: PerStream[], relay: PerStream[] }, kind: 'rss' | 'live') => Omit<import('../lib/report.mjs').Row, 'id' | 'label'>} */
function row(measured, kind) {
  const yardstick = spread(measured.bare.map(one => one[kind]))
  const relay = spread(measured.relay.map(one => one[kind]))
  return { unit: 'KiB', yardstick, relay, figure: relay.median / yardstick.median, as: '×', better: 'less' }
}

/** @type {(bench: import('../lib/bench.mjs').Bench, name: 'bare' | 'relay', bodyBytes: number) => Promise<PerStream>} */
async function measure(bench, name, bodyBytes) {
  const port = await freePort()
  const side = await bench[name]([`--inspect=127.0.0.1:${port}`])
  try {
    await bench.load(side.target, { mode: 'stream', connections: 16, requests: warmUp, bodyBytes })
    const inspector = await Inspector.open(port)
    const live = await inspector.liveBytes()
    const rss = await settledRss(side.pid)
    const result = { rss: 0, live: 0 }
    await bench.load(side.target, { mode: 'idle', connections: streams, requests: streams, bodyBytes }, async () => {
      result.rss = (await settledRss(side.pid) - rss) / streams
      result.live = (await inspector.liveBytes() - live) / 1_024 / streams
      inspector.close()
      bench.release()
    })
    return result
  }
  finally {
    await side.end()
  }
}
