import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** Milliseconds of CPU in one clock tick of /proc (USER_HZ is 100 on every Linux that Node runs on). */
const tickMs = 10

/**
 * The processes of one bench run. Each is ended by its id: by {@link Fleet.end}, and all of them when this process exits,
 * whatever the reason. Children with an IPC channel also end by themselves when it closes.
 */
export class Fleet {
  constructor() {
    /** @type {Set<ChildProcess>} */
    this.children = new Set()
    process.on('exit', () => {
      for (const child of this.children) child.kill('SIGKILL')
    })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
  }

  /**
   * Starts a module of the bench and waits for its `{ ready }` message.
   * @param {URL} module
   * @param {{ args?: string[], execArgv?: string[] }} [options]
   */
  async fork(module, { args = [], execArgv = [] } = {}) {
    const child = fork(module, args, { execArgv, env: { PATH: process.env.PATH, NODE_ENV: 'production' }, stdio: ['ignore', 'ignore', execArgv.length ? 'ignore' : 'inherit', 'ipc'] })
    this.#keep(child)
    const { ready } = await answerOf(child, 'ready', 10_000)
    return { child, pid: pidOf(child), ready }
  }

  /** @type {(command: string, args: string[], options: import('node:child_process').SpawnOptions) => ChildProcess} */
  spawn(command, args, options) {
    const child = spawn(command, args, options)
    this.#keep(child)
    return child
  }

  /**
   * Ends one child and waits until it is gone; one that does not obey within 10 s is killed.
   * @param {ChildProcess} child
   */
  async end(child) {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(killer)
  }

  async endAll() {
    await Promise.all([...this.children].map(child => this.end(child)))
  }

  /** @param {ChildProcess} child */
  #keep(child) {
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
  }
}

/** @type {(child: ChildProcess) => number} */
export function pidOf(child) {
  if (child.pid === undefined) throw new Error('the process did not start')
  return child.pid
}

/**
 * Waits for the child's message that has the field `name`; rejects on its `{ failed }`, its end, and after `ms`.
 * @type {(child: ChildProcess, name: string, ms: number) => Promise<any>}
 */
export function answerOf(child, name, ms) {
  return new Promise((resolve, reject) => {
    const settle = (/** @type {() => void} */ act) => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit)
      act()
    }
    const onMessage = (/** @type {any} */ message) => {
      if (name in message) settle(() => resolve(message))
      else if ('failed' in message) settle(() => reject(new Error(message.failed)))
    }
    const onExit = (/** @type {number | null} */ code, /** @type {string | null} */ signal) => settle(() => reject(new Error(`${child.spawnfile} ended (${signal ?? code})`)))
    const timer = setTimeout(() => settle(() => reject(new Error(`no "${name}" within ${ms} ms`))), ms)
    child.on('message', onMessage).once('exit', onExit)
  })
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** CPU time of a process with all its threads, user and system, in milliseconds; steps of 10. */
export const cpuMs = (/** @type {number} */ pid) => cpuIn(`/proc/${pid}/stat`)

/** The same of its first thread alone, which runs the event loop. */
export const mainThreadMs = (/** @type {number} */ pid) => cpuIn(`/proc/${pid}/task/${pid}/stat`)

function cpuIn(/** @type {string} */ file) {
  const stat = readFileSync(file, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Resident memory in KiB. */
export function rssKiB(/** @type {number} */ pid) {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (!line) throw new Error(`process ${pid} has no memory`)
  return Number(line[1])
}

/** @type {(ms: number) => Promise<void>} */
export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Waits until a process rests (under 2 % of a core over 500 ms), so that work it put off is counted too; at most 5 s. */
export async function rest(/** @type {number} */ pid) {
  for (let tries = 0; tries < 10; tries++) {
    const before = cpuMs(pid)
    await pause(500)
    if (cpuMs(pid) - before <= tickMs) return
  }
}

/** Waits until a process's memory changes by less than 1 % over a second, at most 10 s, and returns it in KiB. */
export async function settledRss(/** @type {number} */ pid) {
  let before = rssKiB(pid)
  for (let tries = 0; tries < 10; tries++) {
    await pause(1_000)
    const now = rssKiB(pid)
    if (Math.abs(now - before) < before / 100) return now
    before = now
  }
  return before
}
