import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Relay } from '../relay.mjs'
import { Fleet, answerOf } from './fleet.mjs'

/** @typedef {import('../client.mjs').Job} Job */
/** @typedef {import('../client.mjs').Result} Result */
/** @typedef {import('../client.mjs').Target} Target */

const module = (/** @type {string} */ name) => new URL(`../${name}.mjs`, import.meta.url)

/** What the scenarios share: a fake upstream, the bare proxy and the relay in front of it, load clients, and an end for all of them. */
export class Bench {
  /** @param {{ quick: boolean }} options quick: fewer and shorter rounds */
  constructor({ quick }) {
    this.quick = quick
    this.fleet = new Fleet()
    /** @type {string[]} */
    this.dirs = []
    this.upstreamPort = 0
    /** @type {import('node:child_process').ChildProcess | null} */
    this.upstream = null
    /** @type {Promise<{ bare: Side, relay: Side }> | null} */
    this.shared = null
    process.on('exit', () => this.#clear())
  }

  async open() {
    const { child, ready } = await this.fleet.fork(module('upstream'))
    this.upstream = child
    this.upstreamPort = ready.port
  }

  /** The upstream without anything in front of it. */
  get direct() {
    return { name: 'direct', port: this.upstreamPort, path: '/v1/messages?beta=true', headers: {} }
  }

  /** Ends the idle streams that the upstream holds. */
  release() {
    this.upstream?.send({ release: true })
  }

  /** The proxies that scenarios without special needs share; started at the first call and warmed up. */
  pair() {
    this.shared ??= (async () => {
      const pair = { bare: await this.bare(), relay: await this.relay() }
      for (const side of Object.values(pair)) await this.load(side.target, { mode: 'stream', connections: 16, requests: this.quick ? 1_000 : 3_000 })
      return pair
    })()
    return this.shared
  }

  /**
   * @typedef {{ target: Target, pid: number, end: () => Promise<void> }} Side
   * @param {string[]} [nodeArgs]
   * @returns {Promise<Side>}
   */
  async bare(nodeArgs = []) {
    const { child, pid, ready } = await this.fleet.fork(module('proxy'), { args: [`http://127.0.0.1:${this.upstreamPort}`], execArgv: nodeArgs })
    return { target: { ...this.direct, name: 'bare', port: ready.port }, pid, end: () => this.fleet.end(child) }
  }

  /**
   * @param {string[]} [nodeArgs]
   * @returns {Promise<Side>}
   */
  async relay(nodeArgs = []) {
    const relay = await this.newRelay(nodeArgs)
    await relay.start()
    const target = await relay.provision(this.upstreamPort)
    return { target, pid: relay.pid, end: () => relay.stop() }
  }

  /** A relay with an empty data directory, not started. */
  async newRelay(/** @type {string[]} */ nodeArgs = []) {
    const dataDir = await mkdtemp(join(tmpdir(), 'relay-bench-'))
    this.dirs.push(dataDir)
    return new Relay({ fleet: this.fleet, dataDir, nodeArgs })
  }

  /**
   * Runs one job in a load client of its own.
   * @param {Target} target
   * @param {Partial<Job>} job
   * @param {() => Promise<unknown>} [whileOpen] runs once every connection has its first byte; the job's result is awaited after it
   * @returns {Promise<Result>}
   */
  async load(target, job, whileOpen) {
    const { child } = await this.fleet.fork(module('client'))
    try {
      const whole = { target, mode: 'stream', connections: 1, requests: 1, bodyBytes: 65_536, events: 200, interval: 10, deadlineMs: 120_000, ...job }
      const done = answerOf(child, 'done', whole.deadlineMs + 5_000)
      const opened = whileOpen && answerOf(child, 'open', whole.deadlineMs)
      child.send({ job: whole })
      if (opened) await Promise.all([opened.then(whileOpen), done])
      return (await done).done
    }
    finally {
      await this.fleet.end(child)
    }
  }

  async close() {
    await this.fleet.endAll()
    this.#clear()
  }

  #clear() {
    for (const dir of this.dirs.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}
