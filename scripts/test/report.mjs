const seconds = ms => `${(ms / 1000).toFixed(1)} s`

/** Keeps the sums, and says how each stage went as soon as it is over. */
export function createReport({ ci }) {
  let passed = 0
  let failed = 0
  const open = []

  /** @param {{ name: string, ms: number, passed: number, failed: number, skipped: string[], log: string }} stage */
  function stage({ name, ms, passed: good, failed: bad, skipped, log }) {
    // In CI a test that did not run is a failure.
    const wrong = bad + (ci ? skipped.length : 0)
    passed += good
    failed += wrong
    if (wrong) {
      console.log(`\n──── ${name}: full output ────\n${log.trimEnd()}\n──── end of ${name} ────`)
      open.push(name)
    }
    const parts = [`${good} passed`, ...wrong ? [`${wrong} failed`] : [], ...skipped.length ? [`${skipped.length} skipped`] : []]
    console.log(`${wrong ? '✗' : '✓'} ${name.padEnd(12)} ${parts.join(', ').padEnd(24)} ${seconds(ms)}`)
    for (const test of skipped) console.log(`  ${ci ? '✗ did not run' : '⚠ skipped'}: ${test}`)
  }

  return {
    begin: name => console.log(`▶ ${name} …`),
    stage,
    /** Something the tests need could not be had. */
    missing(name, how) {
      console.log(`${ci ? '✗' : '⚠'} ${name} is missing: ${how}`)
      if (ci) {
        failed++
        open.push(name)
      }
    },
    /** Prints the closing line; true when nothing failed. */
    end() {
      if (open.length) console.log(`\nFailed: ${[...new Set(open)].join(', ')}`)
      console.log(`${passed} passed, ${failed} failed`)
      return failed === 0
    },
  }
}
