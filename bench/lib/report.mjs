/**
 * @typedef {import('./stats.mjs').Spread} Spread
 *
 * @typedef {object} Row
 * @property {string} id The same in every run; compare.mjs goes by it.
 * @property {string} label
 * @property {string} unit Of the spreads.
 * @property {Spread} [yardstick] The bare proxy, or the relay undisturbed.
 * @property {Spread} relay
 * @property {number} [figure] What a budget speaks of and what two runs are compared by.
 * @property {'×' | '+' | 'µs'} [as] relay ÷ yardstick, relay − yardstick, or the relay's own value.
 * @property {'more' | 'less'} [better]
 * @property {number} [budget] Worst figure that is still good.
 *
 * @typedef {{ title: string, rows: Row[], failed?: string }} Outcome
 * @typedef {(bench: import('./bench.mjs').Bench) => Promise<Row[]>} Scenario
 *
 * @typedef {object} Report
 * @property {string} at
 * @property {string} node
 * @property {string} machine
 * @property {boolean} quick
 * @property {Record<string, Outcome>} scenarios
 */

/** @type {(value: number) => string} Three significant digits at most, none cut before the point. */
export function brief(value) {
  const size = Math.abs(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 })
}

/** @type {(spread: Spread | undefined) => string} */
const shown = spread => spread ? `${brief(spread.median)} (${brief(spread.min)}–${brief(spread.max)})` : ''

/** @type {(row: Row) => string} The figure with its sign and unit. */
export function figureOf({ figure, as, unit }) {
  if (figure === undefined) return ''
  if (as === '×') return `${brief(figure)} ×`
  if (as === '+') return `${figure < 0 ? '−' : '+'}${brief(Math.abs(figure))} ${unit}`
  return `${brief(figure)} ${as ?? unit}`
}

/** @type {(row: Row) => boolean | null} Null without a budget. */
export function meets({ figure, budget, better }) {
  if (figure === undefined || budget === undefined) return null
  return better === 'more' ? figure >= budget : figure <= budget
}

/** @type {(row: Row) => string} */
function verdictOf(row) {
  const good = meets(row)
  if (good === null) return ''
  return `${good ? 'met' : 'MISSED'} (${row.better === 'more' ? '≥' : '≤'} ${brief(row.budget ?? 0)})`
}

/** @type {(lines: string[][]) => string} Columns as wide as their widest cell. */
export function columns(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map(line => line[column].length)))
  return lines.map(line => `  ${line.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}`).join('\n')
}

/** @type {(outcome: Outcome) => string} One scenario as a table. */
export function table({ title, rows, failed }) {
  if (failed) return `${title}\n  FAILED: ${failed}\n`
  const head = ['', 'yardstick', 'relay', 'figure', 'budget']
  const lines = rows.map(row => [row.unit ? `${row.label}, ${row.unit}` : row.label, shown(row.yardstick), shown(row.relay), figureOf(row), verdictOf(row)])
  return `${title}\n${columns([head, ...lines])}\n`
}
