import { ensureBuilt } from '../lib/build.mjs'

// A process of its own: the test command keeps its output and shows it only when it fails.
ensureBuilt(process.cwd()).catch((error) => {
  console.error(error.message)
  process.exit(1)
})
