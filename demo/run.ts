import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { login } from './cast'
import { seedDemo } from './seed'
import { startTraffic, type Traffic } from './traffic'
import { startDemoUpstream } from './upstream/server'

export interface DemoOptions {
  /** The project's. */
  root: string
  host: string
  /** 0 takes a free one. */
  port: number
  /** Makes people, requests and moods repeatable. */
  seed?: number
  /** New requests a second; 0: none. */
  perSecond?: number
  /** Streams that go on for minutes. */
  held?: number
  /** IANA name; default: the machine's. */
  timeZone?: string
  /** Of node, for the server. */
  execArgv?: string[]
}

export interface Demo {
  url: string
  port: number
  login: { username: string, password: string }
  traffic: Traffic
  /** Of the server; rejects never. */
  ended: Promise<void>
  /** What the server printed, its end. */
  output(): string
  /** Ends everything and removes all data. */
  stop(): Promise<void>
}

const READY_MS = 60_000
const END_MS = 5_000
const OUTPUT = 20_000

/** Seeds a directory of its own, starts the built server over it and lets people work with it. Leaves nothing behind when that fails. */
export async function startDemo({ root, host, port, seed = 7, perSecond = 1.5, held = 0, timeZone, execArgv = [] }: DemoOptions): Promise<Demo> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-demo-'))
  const upstream = await startDemoUpstream(seed)
  const cleanUp = async (): Promise<void> => {
    await upstream.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  let child: ChildProcess | null = null
  try {
    const taken = port || await freePort(host)
    const env = environmentOf({ dir, host, port: taken, upstreamUrl: upstream.url, timeZone })
    const keys = await seedDemo({ root, env, upstream, seed })
    child = spawn(process.execPath, [...execArgv, join(root, 'scripts/demo/server.mjs'), join(root, '.output/server/index.mjs')], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const { output, ended } = watch(child)
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
    await untilReady(url, child, output)
    const traffic = startTraffic({ url, keys, seed: seed + 2, perSecond, held })
    const server = child
    return {
      url, port: taken, login, traffic, ended, output,
      async stop() {
        await traffic.stop()
        await end(server)
        await cleanUp()
      },
    }
  }
  catch (error) {
    if (child) await end(child)
    await cleanUp()
    throw error
  }
}

/** Nothing of the user's own settings: neither a database nor a mail server, nor what `.env` says. */
function environmentOf({ dir, host, port, upstreamUrl, timeZone }: { dir: string, host: string, port: number, upstreamUrl: string, timeZone?: string }): Record<string, string> {
  const own = Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'LANG', 'TZ'].flatMap(name => process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return {
    ...own, ...timeZone === undefined ? {} : { TZ: timeZone },
    NODE_ENV: 'production', DEMO: 'true', HOST: host, PORT: String(port), RELAY_DATA_DIR: join(dir, 'data'),
    DEFAULT_ADMIN_USERNAME: login.username, DEFAULT_ADMIN_PASSWORD: login.password, DEFAULT_ADMIN_EMAIL: 'admin@example.com',
    CLAUDE_API_BASE_URL: upstreamUrl, CLAUDE_AUTH_BASE_URL: upstreamUrl, TRUSTED_PROXIES: '127.0.0.1,::1', LOG_LEVEL: 'warn', SHUTDOWN_TIMEOUT_MS: '2000',
  }
}

function watch(child: ChildProcess): { output: () => string, ended: Promise<void> } {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (part: string) => void (text = (text + part).slice(-OUTPUT)))
  return { output: () => text, ended: once(child, 'exit').then(() => undefined) }
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const giveUpAt = Date.now() + READY_MS; ;) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error(`The demo's server did not start:\n${output()}`)
    if (await fetch(`${url}/ready`).then(({ ok }) => ok, () => false)) return
    await pause(50)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await exited
  clearTimeout(hard)
}

/** Is nobody listening there? */
export async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  const listening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, host, () => resolve(true))
  })
  if (listening) await new Promise(resolve => server.close(resolve))
  return listening
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
