import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApiClient, type ApiClient } from './api'
import { freePort } from './ports'
import { startProcess, type Exit, type Running } from './process'
import { poll } from './until'

/** The built server; TEST_SERVER_FILE names another build than the one in .output. */
export const serverFile = process.env.TEST_SERVER_FILE ?? fileURLToPath(new URL('../../.output/server/index.mjs', import.meta.url))
const admin = { username: 'admin', password: 'a-test-password' }

/** The built server, running with a data directory of its own. */
export interface TestServer {
  url: string
  /** Base URL that a client is given. */
  relay: string
  port: number
  dataDir: string
  env: Record<string, string>
  pid: number
  admin: { username: string, password: string }
  /** Everything it printed since the first start. */
  logs(): string
  /** Its log lines as objects. */
  logLines(): Record<string, unknown>[]
  /** Signed in as admin. */
  login(): Promise<ApiClient>
  /** Ends it in good order (SIGTERM) or by another signal. */
  stop(signal?: NodeJS.Signals): Promise<Exit>
  /** kill -9. */
  kill(): Promise<Exit>
  /** Starts it again: same port, directory, environment, with changes when given. */
  restart(changes?: Record<string, string>): Promise<void>
  /** Ends it hard and removes its directory. */
  remove(): Promise<void>
}

/** Nothing of the test machine's own environment reaches the server. */
export const cleanEnv = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '', HOME: home, TMPDIR: tmpdir(), LANG: 'C.UTF-8', TZ: 'Asia/Shanghai',
})

/** Resolves when `/ready` says 200. Rejects, with the output, when the process ends or nothing comes. */
export async function untilReady(running: Running, url: string, ms = 30_000): Promise<void> {
  await poll(async () => {
    if (running.exit) throw new Error(`The server ended with ${JSON.stringify(running.exit)}:\n${running.output()}`)
    const status = await fetch(`${url}/ready`).then(async (response) => {
      await response.arrayBuffer()
      return response.status
    }, () => 0)
    return status === 200 ? true : undefined
  }, `the server to be ready, which printed:\n${running.output()}`, ms)
}

function linesOf(text: string): Record<string, unknown>[] {
  return text.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Record<string, unknown>)
}

/** Starts the built server. `env` adds to and overrides a clean environment; empty values remove. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-server-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const base: Record<string, string> = {
    ...cleanEnv(dir), PORT: String(port), HOST: '127.0.0.1', RELAY_DATA_DIR: join(dir, 'data'), DEFAULT_ADMIN_PASSWORD: admin.password, ...env,
  }
  let before = ''
  let running: Running

  async function start(changes: Record<string, string> = {}): Promise<void> {
    Object.assign(base, changes)
    running = await startProcess(process.execPath, [serverFile], { env: base, cwd: dir })
    server.pid = running.pid
    try {
      await untilReady(running, url)
    }
    catch (error) {
      await running.end('SIGKILL')
      throw error
    }
  }

  async function end(signal: NodeJS.Signals): Promise<Exit> {
    const exit = await running.end(signal)
    before += running.output()
    return exit
  }

  const server: TestServer = {
    url, port, admin, env: base, pid: 0,
    relay: `${url}/claude-code`,
    dataDir: base.RELAY_DATA_DIR ?? '',
    logs: () => running.exit ? before : before + running.output(),
    logLines: () => linesOf(server.logs()),
    async login() {
      const api = createApiClient(url)
      await api.login(admin.username, admin.password)
      return api
    },
    stop: async (signal = 'SIGTERM') => await end(signal),
    kill: async () => await end('SIGKILL'),
    restart: start,
    async remove() {
      if (!running.exit) await running.end('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
  await start()
  return server
}
