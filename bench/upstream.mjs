/**
 * A fake Anthropic upstream on loopback, a process of its own (started with an IPC channel). What a request gets is told by its
 * headers, which both proxies pass on:
 *   x-bench-mode: stream (all events at once, default) | paced | idle (two events, the rest when told) | json
 *   x-bench-events: how many events; x-bench-interval: milliseconds between paced ones.
 * Messages from the parent: { release: true } ends the idle streams.
 */
import { createServer } from 'node:net'
import { RequestReader, headerOf } from './lib/http1.mjs'
import { jsonAnswer, streamOf } from './lib/frames.mjs'

/** Frames that leave in one turn of the event loop when nothing is paced. */
const burst = 20

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {{ chunks: Buffer[], bursts: Buffer[] }} Wire */

/** @type {Map<number, Wire>} */
const wires = new Map()
/** @type {Set<() => void>} */
const held = new Set()
const json = jsonAnswer().bytes
const last = Buffer.from('0\r\n\r\n')
let served = 0

/** @type {(events: number) => Wire} The answer in chunked encoding, one chunk an event. */
function wireOf(events) {
  const known = wires.get(events)
  if (known) return known
  const chunks = streamOf(events).frames.map(frame => Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`), frame, Buffer.from('\r\n')]))
  const bursts = []
  for (let at = 0; at < chunks.length; at += burst) bursts.push(Buffer.concat(chunks.slice(at, at + burst)))
  const wire = { chunks, bursts }
  wires.set(events, wire)
  return wire
}

/** @type {(type: string, framing: string) => string} */
const head = (type, framing) => 'HTTP/1.1 200 OK\r\n'
  + `date: ${new Date().toUTCString()}\r\ncontent-type: ${type}\r\ncache-control: no-cache\r\nrequest-id: req_bench_${++served}\r\n`
  + 'anthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n'
  + 'anthropic-organization-id: 00000000-0000-0000-0000-000000000000\r\nvia: 1.1 google\r\n'
  + `${framing}\r\nconnection: keep-alive\r\n\r\n`

/** @type {(socket: Socket, bursts: Buffer[], at?: number) => void} */
function rush(socket, bursts, at = 0) {
  if (socket.destroyed) return
  const done = at === bursts.length - 1
  socket.write(done ? Buffer.concat([bursts[at], last]) : bursts[at])
  if (!done) setImmediate(rush, socket, bursts, at + 1)
}

/** One event each `interval` ms on an absolute timetable, so that a late one does not shift the rest. */
function pace(/** @type {Socket} */ socket, /** @type {Buffer[]} */ chunks, /** @type {number} */ interval) {
  const started = performance.now()
  let at = 0
  const next = () => {
    if (socket.destroyed) return
    socket.write(chunks[at++])
    if (at === chunks.length) socket.write(last)
    else setTimeout(next, started + at * interval - performance.now())
  }
  next()
}

/** @type {(socket: Socket, chunks: Buffer[]) => void} */
function hold(socket, chunks) {
  socket.write(Buffer.concat(chunks.slice(0, 2)))
  const release = () => {
    held.delete(release)
    socket.write(Buffer.concat([...chunks.slice(2), last]))
  }
  held.add(release)
  socket.once('close', () => held.delete(release))
}

/** @type {(socket: Socket, request: string) => void} */
function answer(socket, request) {
  const mode = headerOf(request, 'x-bench-mode') ?? 'stream'
  if (mode === 'json') {
    socket.write(Buffer.concat([Buffer.from(head('application/json', `content-length: ${json.length}`)), json]))
    return
  }
  const wire = wireOf(Number(headerOf(request, 'x-bench-events') ?? 200))
  socket.write(head('text/event-stream; charset=utf-8', 'transfer-encoding: chunked'))
  if (mode === 'paced') pace(socket, wire.chunks, Number(headerOf(request, 'x-bench-interval') ?? 10))
  else if (mode === 'idle') hold(socket, wire.chunks)
  else rush(socket, wire.bursts)
}

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader(request => answer(socket, request))
  socket.on('data', (data) => {
    try {
      reader.push(data)
    }
    catch (error) {
      socket.destroy(error instanceof Error ? error : undefined)
    }
  })
  socket.on('error', () => socket.destroy())
})

process.on('message', (message) => {
  if (typeof message === 'object' && message && 'release' in message) for (const release of [...held]) release()
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.({ ready: server.address() }))
