import { cpuMs, pause } from '../lib/fleet.mjs'
import { spread } from '../lib/stats.mjs'

/** 100 streams of one event each 10 ms: what an event costs once a stream runs. */
export const title = 'CPU per paced event (100 streams, one event per 10 ms)'

const streams = 100
const interval = 10
/** Streams run longer than the window in which they are measured, so that opening and settling stay outside. */
const marginMs = 1_500

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const pair = await bench.pair()
  const rounds = bench.quick ? 2 : 5
  const windowMs = bench.quick ? 2_000 : 5_000
  /** @type {{ bare: number[], relay: number[] }} */
  const cpuUs = { bare: [], relay: [] }
  /** @type {{ bare: number[], relay: number[] }} */
  const gaps = { bare: [], relay: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of /** @type {const} */ (['bare', 'relay'])) {
      const { target, pid } = pair[name]
      const result = await bench.load(target, { mode: 'paced', connections: streams, requests: streams, events: (windowMs + 2 * marginMs) / interval, interval }, async () => {
        await pause(marginMs / 2)
        const before = cpuMs(pid)
        const started = performance.now()
        await pause(windowMs)
        cpuUs[name].push((cpuMs(pid) - before) * 1_000 / (streams * (performance.now() - started) / interval))
      })
      gaps[name].push(result.gapMs.p99)
    }
  }
  const cpu = { bare: spread(cpuUs.bare), relay: spread(cpuUs.relay) }
  return [
    { id: 'cpu-per-event', label: 'CPU per paced event', unit: 'µs', yardstick: cpu.bare, relay: cpu.relay, figure: cpu.relay.median, as: 'µs', better: 'less', budget: 30 },
    { id: 'cpu-per-event-ratio', label: 'the same, against the yardstick', unit: 'µs', yardstick: cpu.bare, relay: cpu.relay, figure: cpu.relay.median / cpu.bare.median, as: '×', better: 'less' },
    { id: 'event-gap-p99', label: 'gap between events, p99', unit: 'ms', yardstick: spread(gaps.bare), relay: spread(gaps.relay) },
  ]
}
