import { cpuMs, rest } from '../lib/fleet.mjs'
import { spread } from '../lib/stats.mjs'

/** 16 connections, 64 KiB requests, 200-event streams as fast as they go; the proxies take turns. */
export const title = 'Throughput and CPU per request (64 KiB requests, 200 events, 16 connections)'

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const pair = await bench.pair()
  const rounds = bench.quick ? 3 : 7
  const requests = bench.quick ? 1_000 : 3_000
  const measured = { bare: new Series(), relay: new Series() }
  for (let round = 0; round < rounds; round++) {
    for (const name of /** @type {const} */ (['bare', 'relay'])) {
      const { target, pid } = pair[name]
      await rest(pid)
      const before = cpuMs(pid)
      const { seconds } = await bench.load(target, { mode: 'stream', connections: 16, requests })
      const busy = (cpuMs(pid) - before) / 1_000 / seconds
      await rest(pid)
      measured[name].add(requests / seconds, (cpuMs(pid) - before) * 1_000 / requests, busy)
    }
  }
  const { bare, relay } = measured
  const perSecond = { bare: spread(bare.perSecond), relay: spread(relay.perSecond) }
  const cpu = { bare: spread(bare.cpuUs), relay: spread(relay.cpuUs) }
  return [
    { id: 'throughput', label: 'requests per second', unit: '1/s', yardstick: perSecond.bare, relay: perSecond.relay, figure: perSecond.relay.median / perSecond.bare.median, as: '×', better: 'more', budget: 0.6 },
    { id: 'cpu-per-request', label: 'CPU per request', unit: 'µs', yardstick: cpu.bare, relay: cpu.relay, figure: cpu.relay.median / cpu.bare.median, as: '×', better: 'less' },
    { id: 'cores', label: 'cores busy meanwhile', unit: '', yardstick: spread(bare.cores), relay: spread(relay.cores) },
  ]
}

class Series {
  constructor() {
    /** @type {number[]} */
    this.perSecond = []
    /** @type {number[]} */
    this.cpuUs = []
    /** @type {number[]} */
    this.cores = []
  }

  /** @type {(perSecond: number, cpuUs: number, cores: number) => void} */
  add(perSecond, cpuUs, cores) {
    this.perSecond.push(perSecond)
    this.cpuUs.push(cpuUs)
    this.cores.push(cores)
  }
}
