import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Runtime } from './boot'

const NOTICE = 'Using shared accounts may violate the provider\'s terms of service. The risk is the operator\'s.'

/** Tells the person at the terminal where the relay is and, once, how to sign in. */
export function announce(runtime: Runtime, server: Server): void {
  const { port } = server.address() as AddressInfo
  const url = runtime.config.PUBLIC_URL ?? `http://${runtime.config.HOST ?? 'localhost'}:${port}`
  const lines = [`Claude Code Relay ${runtime.version} is ready: ${url}`]
  if (runtime.firstAdmin) {
    lines.push(
      '',
      `  Sign in at ${url}/login`,
      `  User name: ${runtime.firstAdmin.username}`,
      `  Password:  ${runtime.firstAdmin.password}   (shown once; you will be asked for a new one)`,
      '',
      `  ${NOTICE}`,
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}
