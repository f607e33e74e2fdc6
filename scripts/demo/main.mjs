import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../lib/build.mjs'
import { importBundled } from '../lib/bundle.mjs'
import { followParent } from '../lib/follow-parent.mjs'
import { ensureInstalled } from '../lib/install.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const usualPort = 10_081

/**
 * `npm run demo`: installs and builds when needed, then shows the whole product over made-up data until it is interrupted.
 *   npm run demo -- --port 8080 --host 0.0.0.0
 */
export async function main(args) {
  const { values } = parseArgs({ args, options: { port: { type: 'string' }, host: { type: 'string', default: '127.0.0.1' } } })
  process.chdir(root)
  followParent()
  await ensureInstalled(root)
  await ensureBuilt(root)
  console.log('Making up a month of traffic …')
  const { startDemo, isFree } = await importBundled(root, 'demo/run.ts')
  const port = values.port === undefined ? (await isFree(values.host, usualPort) ? usualPort : 0) : Number(values.port)

  // A signal before the demo runs waits until there is something to end.
  let end
  const signal = new Promise((resolve) => {
    end = resolve
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => end('signal'))
  const demo = await startDemo({ root, host: values.host, port })
  console.log(`
  Demo of Claude Code Relay: ${demo.url}

  User name: ${demo.login.username}
  Password:  ${demo.login.password}   (other users have the same: lena, marco, chenwei, priya, tomas)

  All data is made up. Ctrl-C ends the demo and removes it.
`)
  const why = await Promise.race([signal, demo.ended])
  if (why === 'signal') console.log('Ending …')
  const output = demo.output()
  await demo.stop()
  if (why === 'signal') process.exit(0)
  console.error(`The demo's server has ended:\n${output}`)
  process.exit(1)
}
