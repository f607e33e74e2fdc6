const needed = [20, 19]

/** True when `version` (`20.19.0`) is new enough to install, build and run this project. */
export function isEnough(version) {
  const parts = version.split('.').map(Number)
  return parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1])
}

/** Ends the process with a clear message on a Node that is too old. Plain syntax: it must run there. */
export function requireNode() {
  if (isEnough(process.versions.node)) return
  console.error('Claude Code Relay needs Node.js ' + needed.join('.') + ' or newer; this is ' + process.versions.node + '. Get it from https://nodejs.org and run the command again.')
  process.exit(1)
}
