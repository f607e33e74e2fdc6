import { constants } from 'node:os'

/**
 * npm runs a script through a shell and passes a signal to that shell only; the shell ends and the script would stay behind.
 * So a script started by npm that loses its parent ends itself with SIGTERM, unless it got a signal of its own: a second one
 * would cut short the orderly end that the first one began.
 */
export function followParent(everyMs = 500) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return
  const parent = process.ppid
  let lost = false
  const timer = setInterval(() => {
    // One more round: a signal to the whole group may be on its way.
    if (lost) process.kill(process.pid, 'SIGTERM')
    lost = process.ppid !== parent
  }, everyMs).unref()
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      clearInterval(timer)
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
    })
  }
}
