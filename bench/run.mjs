/**
 * npm run bench -- [scenario…] [--quick] [--json file] [--compare file]
 * Figures never decide the exit code; broken streams and failed scenarios do.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { difference, readReport } from './compare.mjs'
import { Bench } from './lib/bench.mjs'
import { table } from './lib/report.mjs'
import * as consolePages from './scenarios/console.mjs'
import * as conversion from './scenarios/conversion.mjs'
import * as events from './scenarios/events.mjs'
import * as firstByte from './scenarios/first-byte.mjs'
import * as history from './scenarios/history.mjs'
import * as memory from './scenarios/memory.mjs'
import * as pages from './scenarios/pages.mjs'
import * as throughput from './scenarios/throughput.mjs'
import * as vitals from './scenarios/vitals.mjs'

/** @type {Record<string, { title: string, onlyNamed?: boolean, run: import('./lib/report.mjs').Scenario }>} */
const scenarios = { throughput, 'first-byte': firstByte, events, conversion, memory, pages, 'console': consolePages, vitals, history }

const say = (/** @type {string} */ text) => console.log(text)

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, compare: { type: 'string' } },
})
const unknown = positionals.filter(name => !(name in scenarios))
if (unknown.length) {
  console.error(`no scenario ${unknown.join(', ')}; there are: ${Object.keys(scenarios).join(', ')}`)
  process.exit(2)
}
const before = options.compare ? await readReport(options.compare) : null

const bench = new Bench({ quick: options.quick })
/** @type {import('./lib/report.mjs').Report} */
const report = { at: new Date().toISOString(), node: process.version, machine: `${process.platform} ${process.arch}, ${availableParallelism()} cores`, quick: options.quick, scenarios: {} }
say(`Claude Code Relay bench · Node ${report.node} · ${report.machine}${options.quick ? ' · quick, figures are rough' : ''}`)
say('Median (min–max) of interleaved rounds.\n')
try {
  await bench.open()
  for (const name of positionals.length ? positionals : Object.keys(scenarios).filter(name => !scenarios[name].onlyNamed)) {
    const { title, run } = scenarios[name]
    const outcome = await run(bench).then(rows => ({ title, rows }), error => ({ title, rows: [], failed: error instanceof Error ? error.message : String(error) }))
    report.scenarios[name] = outcome
    say(table(outcome))
  }
}
finally {
  await bench.close()
}

const file = options.json ?? fileURLToPath(new URL(`results/${report.at.replaceAll(':', '-')}.json`, import.meta.url))
await mkdir(dirname(file), { recursive: true })
await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
say(`Written to ${file}`)
if (before) say(`\n${difference(before, report)}`)
process.exit(Object.values(report.scenarios).some(outcome => outcome.failed) ? 1 : 0)
