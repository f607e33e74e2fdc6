import { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { FrameReader, isComplete, type SeenFrame } from './frames'
import { open, responseOf, type Outgoing } from './http'
import { untilEvent } from './until'

/** A stream as its client sees it. */
export interface SeenStream {
  status: number
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  frames: SeenFrame[]
  /** Everything that was not a sound frame. */
  violations: string[]
  /** The exact bytes so far. */
  raw(): Buffer
  /** Names of the events so far; '' = comment. */
  events(): string[]
  /** Whole answer, orderly end, no violation. */
  complete(): boolean
  /** 'open', 'clean' after an orderly end, 'cut' otherwise. */
  state: 'open' | 'clean' | 'cut'
  /** Resolves at the end, orderly or not. */
  done: Promise<SeenStream>
  until(condition: (stream: SeenStream) => boolean, what: string, ms?: number): Promise<void>
  /** Breaks the connection. */
  abort(): void
  pause(): void
  resume(): void
}

/** Opens a stream; resolves when the headers are here. Rejects when no answer came. */
export async function openStream(outgoing: Outgoing): Promise<SeenStream> {
  const request = open(outgoing)
  const response = await responseOf(request)
  const changes = new EventEmitter()
  const reader = new FrameReader()
  const chunks: Buffer[] = []
  let finish: (stream: SeenStream) => void = () => {}

  const stream: SeenStream = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    frames: reader.frames,
    violations: reader.violations,
    state: 'open',
    raw: () => Buffer.concat(chunks),
    events: () => reader.frames.map(frame => frame.event),
    complete: () => stream.state === 'clean' && reader.violations.length === 0 && isComplete(reader.frames),
    done: new Promise((resolve) => {
      finish = resolve
    }),
    until: (condition, what, ms) => untilEvent(changes, () => condition(stream), what, ms),
    abort: () => void request.destroy(),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
  }
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    reader.push(chunk)
    changes.emit('change')
  })
  // A cut stream is a result: `state` tells.
  response.on('error', () => {})
  response.on('close', () => {
    reader.end()
    stream.state = response.complete ? 'clean' : 'cut'
    changes.emit('change')
    finish(stream)
  })
  return stream
}

/** Opens a stream and reads it to its end. */
export const readStream = async (outgoing: Outgoing): Promise<SeenStream> => await (await openStream(outgoing)).done
