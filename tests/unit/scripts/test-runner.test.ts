import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReport } from '../../../scripts/test/report.mjs'
import { countTests } from '../../../scripts/test/results.mjs'
import { groupsOf, needsOf, parseArguments } from '../../../scripts/test/stages.mjs'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'relay-runner-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
  vi.restoreAllMocks()
})

function reported(testResults: unknown): string {
  const file = join(dir, 'report.json')
  writeFileSync(file, JSON.stringify({ testResults }))
  return file
}

const test = (status: string, ...titles: string[]) => ({ status, title: titles.at(-1), ancestorTitles: titles.slice(0, -1) })

describe('counting', () => {
  it('adds up tests of all files', () => {
    const file = reported([
      { name: join(dir, 'a.test.ts'), status: 'passed', assertionResults: [test('passed', 'x'), test('passed', 'y')] },
      { name: join(dir, 'b.test.ts'), status: 'failed', assertionResults: [test('passed', 'x'), test('failed', 'y')] },
    ])
    expect(countTests(file, 1, dir)).toEqual({ passed: 3, failed: 1, skipped: [] })
  })

  it('takes a file that could not be loaded for a failure', () => {
    expect(countTests(reported([{ name: 'a', status: 'failed', assertionResults: [] }]), 1, dir).failed).toBe(1)
  })

  it('takes a failed hook for a failure, not for skipped tests', () => {
    const file = reported([{ name: 'a', status: 'failed', assertionResults: [test('skipped', 'suite', 'x')] }])
    expect(countTests(file, 1, dir)).toEqual({ passed: 0, failed: 1, skipped: [] })
  })

  it('takes a bad end without a failed test, and a missing report, for a failure', () => {
    expect(countTests(reported([{ name: 'a', status: 'passed', assertionResults: [test('passed', 'x')] }]), 1, dir)).toMatchObject({ passed: 1, failed: 1 })
    expect(countTests(join(dir, 'nothing.json'), 0, dir)).toMatchObject({ passed: 0, failed: 1 })
  })

  it('names suites that did not run, once each', () => {
    const file = reported([{ name: join(dir, 'a.test.ts'), status: 'passed', assertionResults: [test('skipped', 'needs redis', 'x'), test('pending', 'needs redis', 'y'), test('todo', 'alone')] }])
    expect(countTests(file, 0, dir).skipped).toEqual(['a.test.ts: needs redis', 'a.test.ts: alone'])
  })
})

describe('the closing line', () => {
  const printed = () => vi.spyOn(console, 'log').mockImplementation(() => {})
  const stage = (more: object) => ({ name: 'unit', ms: 1, passed: 2, failed: 0, skipped: [], log: 'the whole log', ...more })

  it('sums all stages and is the last one printed', () => {
    const log = printed()
    const report = createReport({ ci: true })
    report.stage(stage({}))
    report.stage(stage({ passed: 3, failed: 1 }))
    expect(report.end()).toBe(false)
    expect(log.mock.calls.at(-1)).toEqual(['5 passed, 1 failed'])
    expect(log.mock.calls.flat().join('\n')).toContain('the whole log')
  })

  it.each([[true, '2 passed, 2 failed'], [false, '2 passed, 0 failed']])('counts what is missing or skipped as failed in CI only (CI: %s)', (ci, line) => {
    const log = printed()
    const report = createReport({ ci })
    report.missing('Redis', 'give TEST_REDIS_URL')
    report.stage(stage({ skipped: ['a: needs redis'] }))
    expect(report.end()).toBe(!ci)
    expect(log.mock.calls.at(-1)).toEqual([line])
    expect(log.mock.calls.flat().join('\n')).toContain('TEST_REDIS_URL')
  })
})

describe('arguments', () => {
  it('none: every stage', () => {
    expect(parseArguments([]).stages).toEqual(['prepare', 'lint', 'typecheck', 'unit', 'build', 'contract', 'integration', 'e2e'])
  })

  it('a stage brings what it stands on, everything else goes to vitest', () => {
    expect(parseArguments(['integration', '-t', 'cut'])).toEqual({ stages: ['build', 'integration'], rest: ['-t', 'cut'] })
    expect(parseArguments(['unit'])).toEqual({ stages: ['prepare', 'unit'], rest: [] })
  })

  it('what only reads the sources runs beside each other', () => {
    expect(groupsOf(parseArguments([]).stages)).toEqual([['prepare'], ['lint', 'typecheck', 'unit'], ['build'], ['contract'], ['integration'], ['e2e']])
    expect(groupsOf(['lint', 'contract'])).toEqual([['lint'], ['contract']])
  })

  it('services are those of the stages', () => {
    expect(needsOf(['lint', 'unit'])).toEqual([])
    expect(needsOf(['contract', 'e2e'])).toEqual(['mysql', 'redis', 'proxies', 'chromium', 'client', 'shells'])
  })
})
