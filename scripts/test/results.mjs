import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  }
  catch {
    return null
  }
}

const isSkipped = ({ status }) => status === 'skipped' || status === 'pending' || status === 'todo' || status === 'disabled'

/** Names what did not run: whole suites by their title, else single tests. */
function skippedIn(file, assertions, root) {
  const names = assertions.filter(isSkipped).map(({ ancestorTitles, title }) => ancestorTitles[0] ?? title)
  return [...new Set(names)].map(name => `${relative(root, file)}: ${name}`)
}

/**
 * Counts a JSON report of vitest. A file that could not be loaded, or whose hooks failed, and a run that
 * ended badly without a failed test count as one failure each.
 * @returns {{ passed: number, failed: number, skipped: string[] }}
 */
export function countTests(file, code, root) {
  const report = read(file)
  if (!report) return { passed: 0, failed: 1, skipped: [] }
  let passed = 0
  let failed = 0
  const skipped = []
  for (const { name, status, assertionResults } of report.testResults) {
    const bad = assertionResults.filter(test => test.status === 'failed').length
    const broken = status === 'failed' && bad === 0
    passed += assertionResults.filter(test => test.status === 'passed').length
    failed += bad + (broken ? 1 : 0)
    if (!broken) skipped.push(...skippedIn(name, assertionResults, root))
  }
  if (code !== 0 && failed === 0) failed = 1
  return { passed, failed, skipped }
}
