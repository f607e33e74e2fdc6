// Every page in every language, scheme, width and role, with the checks that `npm test` makes of each pair of them.
process.env.PAGES_MATRIX = 'full'
import('./lib/node-version.mjs').then(function (check) {
  check.requireNode()
  return import('./test/main.mjs')
}).then(function (test) {
  return test.main(['e2e', 'tests/e2e/pages.test.ts'].concat(process.argv.slice(2)))
}).catch(function (error) {
  console.error(error && error.expected ? error.message : error)
  console.log('0 passed, 1 failed')
  process.exit(1)
})
