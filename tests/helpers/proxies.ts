import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { proxyPrograms } from '../../scripts/test/proxies.mjs'
import { freePort } from './ports'
import { startProcess, type Running } from './process'
import { poll } from './until'

export type ProxyKind = 'socks5' | 'http'

/** A real proxy on loopback that wants a user name and password, when they are given. */
export interface Proxy {
  port: number
  /** Its address with the login of the test, or another one. */
  url(login?: string): string
  output(): string
  close(): Promise<void>
}

export interface ProxyOptions {
  login?: { user: string, password: string }
  /** http only: the one port that tunnels may lead to. */
  onlyPort?: number
}

const listens = (port: number) => new Promise<true | undefined>((resolve) => {
  const socket = connect(port, '127.0.0.1', () => {
    socket.destroy()
    resolve(true)
  })
  socket.once('error', () => resolve(undefined))
})

function start(kind: ProxyKind, port: number, config: string, { login }: ProxyOptions): Promise<Running> {
  const programs = proxyPrograms()
  if (!programs) throw new Error('microsocks and tinyproxy are missing: run the tests by npm test, which brings them or says how')
  const env = { PATH: process.env.PATH ?? '' }
  if (kind === 'http') return startProcess(programs.http, ['-d', '-c', config], { env })
  return startProcess(programs.socks, ['-i', '127.0.0.1', '-p', String(port), ...login ? ['-u', login.user, '-P', login.password] : []], { env })
}

export async function startProxy(kind: ProxyKind, options: ProxyOptions = {}): Promise<Proxy> {
  const { login, onlyPort } = options
  const port = await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'relay-proxy-'))
  const config = join(dir, 'tinyproxy.conf')
  await writeFile(config, [
    `Port ${port}`, 'Listen 127.0.0.1', 'Timeout 600', 'MaxClients 200', 'LogLevel Connect',
    ...login ? [`BasicAuth ${login.user} ${login.password}`] : [], ...onlyPort ? [`ConnectPort ${onlyPort}`] : [],
  ].join('\n'))
  const running = await start(kind, port, config, options)
  await poll(() => listens(port), `the ${kind} proxy to listen`)
  return {
    port,
    url: (text = login ? `${login.user}:${encodeURIComponent(login.password)}` : '') => `${kind}://${text === '' ? '' : `${text}@`}127.0.0.1:${port}`,
    output: () => running.output(),
    async close() {
      const { exited } = running
      void running.end('SIGKILL')
      await exited
      await rm(dir, { recursive: true })
    },
  }
}

/** Something that takes connections and never says a word. */
export async function startSilence(): Promise<{ port: number, close(): Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer(socket => void sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
