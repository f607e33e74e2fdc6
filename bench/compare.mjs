/**
 * node bench/compare.mjs [before.json] after.json
 * Prints how the figures of two reports differ; before is the committed baseline unless given. Never judges by its exit code.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { brief, columns, figureOf } from './lib/report.mjs'

/** @typedef {import('./lib/report.mjs').Report} Report */

/** Changes below this share are taken for noise of a shared machine. */
const noise = 0.15

/** @type {(file: string) => Promise<Report>} */
export const readReport = async file => JSON.parse(await readFile(file, 'utf8'))

/** @type {(before: Report, after: Report) => string} A table of the figures that both reports have. */
export function difference(before, after) {
  const lines = [['', before.at.slice(0, 10), after.at.slice(0, 10), 'change', '']]
  const known = new Map(Object.values(before.scenarios).flatMap(({ rows }) => rows.map(row => [row.id, row])))
  for (const row of Object.values(after.scenarios).flatMap(({ rows }) => rows)) {
    const old = known.get(row.id)
    if (old?.figure === undefined || row.figure === undefined) continue
    const change = (row.figure - old.figure) / Math.abs(old.figure)
    lines.push([row.id, figureOf(old), figureOf(row), `${change < 0 ? '−' : '+'}${brief(Math.abs(change) * 100)} %`, wordFor(change, row.better)])
  }
  const rough = before.quick !== after.quick || before.machine !== after.machine || before.node !== after.node
  return `${columns(lines)}${rough ? '\n  Not alike: quick or not, machine or Node differ.' : ''}`
}

/** @type {(change: number, better: 'more' | 'less' | undefined) => string} */
function wordFor(change, better) {
  if (!Number.isFinite(change) || Math.abs(change) < noise) return ''
  return (change > 0) === (better === 'more') ? 'better' : 'worse'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2)
  if (files.length < 1 || files.length > 2) {
    console.error('usage: node bench/compare.mjs [before.json] after.json')
    process.exit(2)
  }
  const [before, after] = files.length === 2 ? files : [fileURLToPath(new URL('baseline.json', import.meta.url)), files[0]]
  console.log(difference(await readReport(before), await readReport(after)))
}
