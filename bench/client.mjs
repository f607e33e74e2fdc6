/**
 * The load client, a process of its own (started with an IPC channel). It sends a fixed number of requests over a fixed number of
 * kept-alive connections and compares every answer byte for byte with what the upstream said; one broken answer fails the job.
 */
import { connect } from 'node:net'
import { ResponseReader } from './lib/http1.mjs'
import { Check, jsonAnswer, requestBody, streamOf } from './lib/frames.mjs'
import { summary } from './lib/stats.mjs'

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {number} port
 * @property {string} path
 * @property {Record<string, string>} headers
 *
 * @typedef {object} Job
 * @property {Target} target
 * @property {'stream' | 'paced' | 'idle' | 'json'} mode
 * @property {number} connections
 * @property {number} requests In all.
 * @property {number} bodyBytes
 * @property {number} events
 * @property {number} interval Milliseconds between paced events.
 * @property {number} deadlineMs
 *
 * @typedef {object} Result
 * @property {number} requests
 * @property {number} seconds
 * @property {number} pings
 * @property {import('./lib/stats.mjs').Summary} firstByteMs From the request's write to the answer's first body byte.
 * @property {import('./lib/stats.mjs').Summary} gapMs Between the arrivals of events of one stream; of paced ones only.
 * @property {number[]} samples Every first-byte time, for one connection only.
 */

/** Connections that wait for a first byte at one time while a job opens. */
const opening = 32
const sessions = 64

/** @type {(job: Job, lane: number) => Buffer} */
function requestOf(job, lane) {
  const sessionId = `00000000-0000-4000-8000-${String(lane % sessions).padStart(12, '0')}`
  const body = requestBody({ bytes: job.bodyBytes, sessionId, stream: job.mode !== 'json' })
  const headers = {
    'accept': 'application/json',
    'content-type': 'application/json',
    'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)',
    'x-claude-code-session-id': sessionId,
    'x-app': 'cli',
    'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27',
    'anthropic-version': '2023-06-01',
    'connection': 'keep-alive',
    'host': `127.0.0.1:${job.target.port}`,
    'accept-encoding': 'gzip, deflate, br, zstd',
    'x-bench-mode': job.mode,
    'x-bench-events': job.events,
    'x-bench-interval': job.interval,
    ...job.target.headers,
    'content-length': body.length,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`POST ${job.target.path} HTTP/1.1\r\n${lines}\r\n`), body])
}

class Run {
  /** @param {Job} job */
  constructor(job) {
    this.job = job
    this.expected = job.mode === 'json' ? jsonAnswer() : streamOf(job.events)
    this.requests = Array.from({ length: Math.min(job.connections, sessions) }, (_, lane) => requestOf(job, lane))
    this.left = job.requests
    this.running = 0
    this.opened = 0
    this.lanes = 0
    this.pings = 0
    /** @type {number[]} */
    this.firstBytes = []
    /** @type {number[]} */
    this.gaps = []
    /** @type {Set<import('node:net').Socket>} */
    this.sockets = new Set()
    /** @type {() => void} */
    this.resolve = () => {}
    /** @type {(error: Error) => void} */
    this.reject = () => {}
  }

  /** @returns {Promise<Result>} */
  async start() {
    const started = performance.now()
    const whole = new Promise((resolve, reject) => {
      this.resolve = () => resolve(undefined)
      this.reject = reject
    })
    const deadline = setTimeout(() => this.reject(new Error(`not done after ${this.job.deadlineMs} ms: ${this.opened} open, ${this.left} not sent, ${this.running} running`)), this.job.deadlineMs)
    for (let lane = 0; lane < Math.min(opening, this.job.connections); lane++) this.open()
    try {
      await whole
    }
    finally {
      clearTimeout(deadline)
      for (const socket of this.sockets) socket.destroy()
    }
    return {
      requests: this.job.requests,
      seconds: (performance.now() - started) / 1000,
      pings: this.pings,
      firstByteMs: summary(this.firstBytes),
      gapMs: summary(this.gaps),
      samples: this.job.connections === 1 ? this.firstBytes : [],
    }
  }

  open() {
    if (this.lanes === this.job.connections || this.left === 0) return
    const lane = this.lanes++
    const socket = connect({ port: this.job.target.port, host: '127.0.0.1', noDelay: true })
    this.sockets.add(socket)
    this.#lane(socket, this.requests[lane % this.requests.length])
  }

  /** @type {(socket: import('node:net').Socket, request: Buffer) => void} */
  #lane(socket, request) {
    const { expected } = this
    let check = new Check(expected)
    let sent = 0
    let seen = 0
    let status = 0
    let first = true
    const send = () => {
      if (this.left === 0) return
      this.left--
      this.running++
      check = new Check(expected)
      seen = 0
      sent = performance.now()
      socket.write(request)
    }
    const onBody = (/** @type {Buffer} */ data, /** @type {number} */ from, /** @type {number} */ to) => {
      const before = check.frame
      check.push(data, from, to)
      if (status !== 200) throw new Error(`status ${status}: ${data.toString('utf8', from, Math.min(to, from + 300))}`)
      if (check.fault) throw new Error(check.fault)
      if (check.frame === before && seen) return
      const now = performance.now()
      if (!seen) this.firstBytes.push(now - sent)
      else if (this.job.mode === 'paced') this.gaps.push(now - seen)
      seen = now
      if (first) this.#opened()
      first = false
    }
    const onEnd = () => {
      const fault = check.end()
      if (fault) throw new Error(fault)
      this.pings += check.pings
      this.running--
      if (this.left > 0) send()
      else if (this.running === 0) this.resolve()
    }
    const onHead = (/** @type {number} */ code) => {
      status = code
    }
    const reader = new ResponseReader({ onHead, onBody, onEnd })
    const fail = (/** @type {unknown} */ error) => this.reject(error instanceof Error ? error : new Error(String(error)))
    socket.on('connect', send)
    socket.on('data', (data) => {
      try {
        reader.push(data)
      }
      catch (error) {
        fail(error)
      }
    })
    socket.on('error', fail)
    socket.on('close', () => {
      if (this.left > 0 || this.running > 0) fail(new Error('the connection was closed'))
    })
  }

  #opened() {
    this.opened++
    if (this.opened === this.job.connections) process.send?.({ open: this.opened })
    else this.open()
  }
}

process.on('message', (message) => {
  const { job } = /** @type {{ job: Job }} */ (message)
  new Run(job).start().then(
    done => process.send?.({ done }),
    error => process.send?.({ failed: `${job.target.name}, ${job.mode}: ${error.message}` }),
  )
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
