import { chromium } from 'playwright-core'
import { findProgram } from '../../scripts/test/processes.mjs'
import { consolePages, largeInstallation, publicPages } from '../lib/large.mjs'
import { spread } from '../lib/stats.mjs'

/** What a person sees of each page: a real browser with an empty cache, 1440 px, nothing slowed down. Only when named: the seed takes minutes. */
export const title = 'Pages in a browser over 10,000 keys, 1,000 accounts and 1,000,000 requests (empty cache, 1440 px)'
export const onlyNamed = true

/** The bounds of what is called good. */
const budgets = { largest: 2_500, shift: 0.1, blocked: 200 }
/** A page is at rest after this long without paint, shift or long task; ms. */
const restMs = 1_000
/** A task is long past this; what it takes beyond is time in which the page does not answer; ms. */
const longMs = 50

/** @type {import('../lib/report.mjs').Scenario} */
export async function run(bench) {
  const executablePath = process.env.CHROMIUM_PATH ?? findProgram('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome')
  if (!executablePath) throw new Error('no Chromium: give CHROMIUM_PATH')
  const relay = await largeInstallation(bench)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'] })
  try {
    const rows = []
    for (const path of consolePages) rows.push(...await look(bench, browser, relay, path, true))
    for (const path of publicPages) rows.push(...await look(bench, browser, relay, path, false))
    return rows
  }
  finally {
    await browser.close()
    await relay.stop()
  }
}

/**
 * One page, some times, each by a new visitor.
 * @type {(bench: import('../lib/bench.mjs').Bench, browser: import('playwright-core').Browser, relay: import('../relay.mjs').Relay, path: string, signedIn: boolean) => Promise<import('../lib/report.mjs').Row[]>}
 */
async function look(bench, browser, relay, path, signedIn) {
  const seen = []
  for (let n = 0; n < (bench.quick ? 1 : 3); n++) seen.push(await visit(browser, relay, path, signedIn))
  const less = /** @type {const} */ ('less')
  const row = (/** @type {keyof Vitals} */ of, /** @type {string} */ label, /** @type {string} */ unit, /** @type {number | undefined} */ budget = undefined) => {
    const values = spread(seen.map(vitals => vitals[of]))
    return { id: `vitals-${of} ${path}`, label: `${path}, ${label}`, unit, relay: values, figure: values.median, better: less, budget }
  }
  return [
    row('first', 'first paint', 'ms'),
    row('largest', 'largest paint', 'ms', budgets.largest),
    row('shift', 'shifts of the layout', '', budgets.shift),
    row('blocked', 'blocked by scripts', 'ms', budgets.blocked),
  ]
}

/**
 * @typedef {{ first: number, largest: number, shift: number, blocked: number }} Vitals ms, the shift a share of the window
 * @typedef {{ vitals: Vitals, vitalsAt: number }} Watched
 * @typedef {PerformanceEntry & { value: number, hadRecentInput: boolean }} Entry Of any type; the last two of a shift only.
 */

/** @type {(browser: import('playwright-core').Browser, relay: import('../relay.mjs').Relay, path: string, signedIn: boolean) => Promise<Vitals>} */
async function visit(browser, relay, path, signedIn) {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, locale: 'en' })
  try {
    if (signedIn) await context.addCookies(relay.cookie.split('; ').map(pair => ({ name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), url: relay.url })))
    const page = await context.newPage()
    await page.addInitScript(watch, longMs)
    const response = await page.goto(relay.url + path, { waitUntil: 'load' })
    if (response?.status() !== 200) throw new Error(`${path}: ${response?.status()}`)
    await page.waitForFunction(rest => performance.now() - /** @type {Watched} */ (/** @type {unknown} */ (window)).vitalsAt > rest, restMs)
    const vitals = await page.evaluate(() => /** @type {Watched} */ (/** @type {unknown} */ (window)).vitals)
    if (!vitals.largest) throw new Error(`${path} was never painted`)
    return vitals
  }
  finally {
    await context.close()
  }
}

/** Runs in the page, before anything of it. */
function watch(/** @type {number} */ long) {
  const vitals = { first: 0, largest: 0, shift: 0, blocked: 0 }
  const kept = /** @type {Watched} */ (/** @type {unknown} */ (window))
  kept.vitals = vitals
  kept.vitalsAt = 0
  const on = (/** @type {string} */ type, /** @type {(entry: Entry) => void} */ take) => new PerformanceObserver((list) => {
    kept.vitalsAt = performance.now()
    const entries = /** @type {Entry[]} */ (list.getEntries())
    entries.forEach(take)
  }).observe({ type, buffered: true })
  on('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') vitals.first = startTime
  })
  on('largest-contentful-paint', ({ startTime }) => vitals.largest = startTime)
  on('layout-shift', ({ value, hadRecentInput }) => vitals.shift += hadRecentInput ? 0 : value)
  on('longtask', ({ duration }) => vitals.blocked += Math.max(0, duration - long))
}
