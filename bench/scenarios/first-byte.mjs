import { ascending, percentile, spread } from '../lib/stats.mjs'

/** One request after another on one connection; direct, bare and relay take turns. */
export const title = 'First byte at low load (1,000 requests one after another, 20 events)'

const sizes = [{ id: 'small', bytes: 1_024, label: '1 KiB' }, { id: 'large', bytes: 65_536, label: '64 KiB' }]

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const pair = await bench.pair()
  const rounds = bench.quick ? 2 : 5
  const rows = []
  for (const { id, bytes, label } of sizes) {
    /** @type {Record<string, number[][]>} */
    const times = { direct: [], bare: [], relay: [] }
    const targets = { direct: bench.direct, bare: pair.bare.target, relay: pair.relay.target }
    for (let round = 0; round < rounds; round++) {
      for (const [name, target] of Object.entries(targets)) {
        const { samples } = await bench.load(target, { mode: 'stream', connections: 1, requests: 1_000 / rounds, bodyBytes: bytes, events: 20 })
        times[name].push(samples)
      }
    }
    for (const [share, name, budget] of /** @type {const} */ ([[0.5, 'p50', 0.5], [0.99, 'p99', 3]])) {
      const of = (/** @type {number[][]} */ blocks) => percentile(ascending(blocks.flat()), share)
      const each = (/** @type {number[][]} */ blocks) => ({ ...spread(blocks.map(block => percentile(ascending(block), share))), median: of(blocks) })
      rows.push({
        id: `first-byte-${id}-${name}`, label: `${label}, ${name} (direct ${of(times.direct).toFixed(2)})`, unit: 'ms',
        yardstick: each(times.bare), relay: each(times.relay), figure: of(times.relay) - of(times.bare), as: /** @type {const} */ ('+'), better: /** @type {const} */ ('less'), budget,
      })
    }
  }
  return rows
}
