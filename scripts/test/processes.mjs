import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
/** Ids of process groups started here. */
const groups = new Set()

/** Starts a program and keeps note of it, so that {@link endAll} ends it. `started` settles when it runs or cannot. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  running.add(child)
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => void (output.text += data))
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      running.delete(child)
      resolve({ code: 127, error })
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ code: code ?? 1, signal })
    })
  })
  return { child, output, ended }
}

/** Ends one process: by `signal`, and hard when it does not listen within `ms`. */
export async function end(child, signal = 'SIGTERM', ms = 10_000) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  const hard = setTimeout(() => child.kill('SIGKILL'), ms)
  await closed
  clearTimeout(hard)
}

/** Ends, by their ids, all processes that were started here and still run. */
export const endAll = async () => void await Promise.all([...running].map(child => end(child, 'SIGTERM', 3000)))

/** The same without waiting, for the exit handler. */
export function killAll() {
  for (const pid of groups) killGroup(pid)
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Runs a program in a process group of its own, to its end or for so many minutes, and ends what it left behind.
 * @returns {Promise<{ code: number, output: string }>} Output of both streams, in order.
 */
export async function startGroup(command, args, { minutes, ...options }) {
  const { child, output, ended } = start(command, args, { ...options, detached: process.platform !== 'win32' })
  groups.add(child.pid)
  const timer = setTimeout(() => {
    output.text += `\nStopped: not done after ${minutes} minutes.\n`
    killGroup(child.pid)
  }, minutes * 60_000)
  const { code } = await ended
  clearTimeout(timer)
  killGroup(child.pid)
  return { code, output: output.text }
}

function killGroup(pid) {
  groups.delete(pid)
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  }
  catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

const folders = () => [...new Set([...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'])]

/** Full path of the first of these programs that is on this machine, or null. */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of folders()) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      }
      catch {
        continue
      }
    }
  }
  return null
}

/** A port of loopback that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Asks every 50 ms until `ready()` is true; throws with `output` when `ended` comes first or after `ms`. */
export async function untilReady(what, ready, service, ms = 60_000) {
  const limit = Date.now() + ms
  let gone = null
  service.ended.then(result => void (gone = result))
  while (!await ready()) {
    if (gone) throw new Error(`${what} ended with code ${gone.code}${gone.error ? ` (${gone.error.message})` : ''}:\n${service.output.text.slice(-4000)}`)
    if (Date.now() > limit) throw new Error(`${what} is not ready after ${ms} ms:\n${service.output.text.slice(-4000)}`)
    await pause(50)
  }
}
