import { join } from 'node:path'
import { startGroup } from './processes.mjs'
import { countTests } from './results.mjs'

const nuxt = root => join(root, 'node_modules/nuxt/bin/nuxt.mjs')
const bin = (root, name) => join(root, 'node_modules', name)

/** In running order. `needs`: what a stage's tests want to find. `limit` in minutes. Stages of one `group` run beside each other: none changes what another reads. */
const all = {
  prepare: { command: root => [nuxt(root), 'prepare'], limit: 3 },
  lint: { command: root => [bin(root, 'eslint/bin/eslint.js'), '.', '--max-warnings', '0'], limit: 8, group: 'sources' },
  typecheck: { command: root => [bin(root, 'vue-tsc/bin/vue-tsc.js'), '--noEmit', '-p', '.'], limit: 8, group: 'sources' },
  unit: { vitest: true, limit: 10, group: 'sources' },
  build: { command: root => [join(root, 'scripts/test/build.mjs')], limit: 10 },
  contract: { vitest: true, needs: ['mysql', 'redis', 'proxies'], limit: 15 },
  integration: { vitest: true, needs: ['mysql', 'redis', 'proxies', 'shells'], limit: 20 },
  e2e: { vitest: true, needs: ['chromium', 'client', 'shells'], limit: 20 },
}

const requires = { lint: ['prepare'], typecheck: ['prepare'], unit: ['prepare'], integration: ['build'], e2e: ['build'] }

/** The stages that were named, with those they build on, in running order; all when none was named. */
export function parseArguments(args) {
  const named = args.filter(arg => arg in all)
  const rest = args.filter(arg => !(arg in all))
  const wanted = new Set(named.length ? named.flatMap(name => [...requires[name] ?? [], name]) : Object.keys(all))
  return { stages: Object.keys(all).filter(name => wanted.has(name)), rest }
}

export const needsOf = stages => [...new Set(stages.flatMap(name => all[name].needs ?? []))]

/** Stages in running order, those that run beside each other together. */
export function groupsOf(stages) {
  const groups = []
  for (const name of stages) {
    const { group } = all[name]
    const last = groups.at(-1)
    if (group && last && all[last[0]].group === group) last.push(name)
    else groups.push([name])
  }
  return groups
}

/** Runs one stage and reports it. Never throws: what goes wrong is a failed test. */
export async function runStage(name, { root, dir, rest, report, env }) {
  const stage = all[name]
  const started = Date.now()
  report.begin(name)
  const result = stage.vitest
    ? await vitest(name, { root, dir, rest, env, limit: stage.limit })
    : await program(stage.command(root), { root, env, limit: stage.limit })
  // Only what the tests stand on; says nothing about the project.
  if (name === 'prepare' && !result.failed) return
  report.stage({ name, ms: Date.now() - started, skipped: [], ...result })
}

async function program(args, { root, env, limit }) {
  const { code, output } = await startGroup(process.execPath, args, { cwd: root, env, minutes: limit })
  return code === 0 ? { passed: 1, failed: 0, log: output } : { passed: 0, failed: 1, log: output }
}

async function vitest(name, { root, dir, rest, env, limit }) {
  const file = join(dir, `${name}.json`)
  const args = [
    bin(root, 'vitest/vitest.mjs'), 'run', '--project', name,
    '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...rest,
  ]
  const { code, output } = await startGroup(process.execPath, args, { cwd: root, env, minutes: limit })
  return { ...countTests(file, code, root), log: output }
}
