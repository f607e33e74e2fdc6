// Node's version is looked at before anything else is loaded, in words that any Node understands.
import('./lib/node-version.mjs').then(function (check) {
  check.requireNode()
  return import('./demo/main.mjs')
}).then(function (demo) {
  return demo.main(process.argv.slice(2))
}).catch(function (error) {
  console.error(error && error.expected ? error.message : error)
  process.exit(1)
})
