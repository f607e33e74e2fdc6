import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, pause, pidOf } from './lib/fleet.mjs'

const entry = fileURLToPath(new URL('../.output/server/index.mjs', import.meta.url))
const readyWithinMs = 30_000

/**
 * The built application with an environment and a data directory of its own, on SQLite and in-process state.
 * Its log goes to `relay.log` in the data directory, as a service's log goes to a file.
 */
export class Relay {
  /** @param {{ fleet: import('./lib/fleet.mjs').Fleet, dataDir: string, nodeArgs?: string[] }} options */
  constructor({ fleet, dataDir, nodeArgs = [] }) {
    this.fleet = fleet
    this.dataDir = dataDir
    this.nodeArgs = nodeArgs
    this.password = randomBytes(12).toString('hex')
    this.logFile = join(dataDir, 'relay.log')
    this.port = 0
    this.cookie = ''
    /** @type {import('node:child_process').ChildProcess | null} */
    this.child = null
  }

  get pid() {
    if (!this.child) throw new Error('the relay is not running')
    return pidOf(this.child)
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts the server, waits until it is ready and signs in. Throws with the log's end when it does not come up. */
  async start() {
    if (!existsSync(entry)) throw new Error('no build: run `npm run build` first')
    this.port = await freePort()
    const log = openSync(this.logFile, 'a')
    this.child = this.fleet.spawn(process.execPath, [...this.nodeArgs, entry], {
      cwd: this.dataDir,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, HOME: this.dataDir, HOST: '127.0.0.1', PORT: String(this.port), RELAY_DATA_DIR: this.dataDir, DEFAULT_ADMIN_PASSWORD: this.password },
    })
    closeSync(log)
    await this.#ready()
    await this.#signIn()
  }

  async stop() {
    if (this.child) await this.fleet.end(this.child)
    this.child = null
  }

  /**
   * Calls the JSON API as the admin.
   * @type {(method: string, path: string, body?: unknown) => Promise<any>}
   */
  async api(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'cookie': this.cookie },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  /**
   * One account at the fake upstream and one key with every limit set, none of them reachable.
   * @param {number} upstreamPort
   * @returns {Promise<import('./client.mjs').Target & { keyId: string, accountId: string }>}
   */
  async provision(upstreamPort) {
    const account = await this.api('POST', '/api/accounts', {
      name: 'bench', platform: 'claude_console', baseUrl: `http://127.0.0.1:${upstreamPort}`, credentials: { apiKey: 'sk-ant-bench' }, maxConcurrency: 100_000,
    })
    const key = await this.api('POST', '/api/keys', {
      name: 'bench', limits: { dailyUsd: 1e6, weeklyUsd: 1e6, monthlyUsd: 1e6, totalUsd: 1e6, requestsPerMinute: 1_000_000, concurrency: 100_000 },
    })
    return { ...this.target(key.key), keyId: key.id, accountId: account.id }
  }

  /** @type {(key: string) => import('./client.mjs').Target} */
  target(key) {
    return { name: 'relay', port: this.port, path: '/claude-code/v1/messages?beta=true', headers: { authorization: `Bearer ${key}` } }
  }

  async #ready() {
    const deadline = Date.now() + readyWithinMs
    while (Date.now() < deadline) {
      if (this.child?.exitCode !== null) break
      const up = await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(2_000) }).then(response => response.ok, () => false)
      if (up) return
      await pause(50)
    }
    throw new Error(`the relay does not get ready:\n${this.logEnd()}`)
  }

  async #signIn() {
    const response = await fetch(`${this.url}/api/auth/login`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'admin', password: this.password }), signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
    this.cookie = response.headers.getSetCookie().map(cookie => cookie.split(';')[0]).join('; ')
  }

  /** The last lines that the relay logged. */
  logEnd() {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-15).join('\n')
  }
}
