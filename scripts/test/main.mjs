import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled } from '../lib/install.mjs'
import { endAll, killAll } from './processes.mjs'
import { createReport } from './report.mjs'
import { provide } from './services.mjs'
import { groupsOf, needsOf, parseArguments, runStage } from './stages.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Everything that was started and made goes away, however this ends. */
function cleanUp(dir) {
  process.on('exit', () => {
    killAll()
    rmSync(dir, { recursive: true, force: true })
  })
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.once(signal, () => void endAll().finally(() => process.exit(code)))
  }
}

/**
 * `npm test`: brings what the tests need, runs the stages, ends with one line of sums.
 * Arguments that name stages select them; all others go to vitest.
 */
export async function main(args) {
  const { stages, rest } = parseArguments(args)
  process.chdir(root)
  const dir = mkdtempSync(join(tmpdir(), 'relay-test-'))
  cleanUp(dir)
  const ci = Boolean(process.env.CI) && process.env.CI !== 'false'
  const report = createReport({ ci })

  const installed = await ensureInstalled(root)
  if (installed) console.log('Dependencies installed.')
  const services = await provide(needsOf(stages), { dir, root })
  for (const { name, how } of services.missing) report.missing(name, how)
  for (const group of groupsOf(stages)) {
    await Promise.all(group.map(stage => runStage(stage, { root, dir, rest, report, env: { ...process.env, ...services.env } })))
  }
  await endAll()
  process.exitCode = report.end() ? 0 : 1
}
