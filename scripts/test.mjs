// Node's version is looked at before anything else is loaded, in words that any Node understands.
import('./lib/node-version.mjs').then(function (check) {
  check.requireNode()
  return import('./test/main.mjs')
}).then(function (test) {
  return test.main(process.argv.slice(2))
}).catch(function (error) {
  console.error(error && error.expected ? error.message : error)
  console.log('0 passed, 1 failed')
  process.exit(1)
})
