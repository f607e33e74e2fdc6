import type { ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock'
import type { UsageReader } from '../platforms/platform'
import { ClientGone } from './body'
import { RelayError, errorEvent } from './errors'
import { FrameCutter } from './frames'
import { clientHeaders } from './headers'
import type { Source, SourceListener } from './source'
import type { Watched } from './watch'

/** Milliseconds. */
export interface TimeLimits {
  firstByte: number
  idle: number
  ping: number
  /** A stream still without an answer gets its head and a ping after this; 0 = never. */
  earlyCommit: number
}

export interface DeliveryOptions {
  res: ServerResponse
  /** Did the client ask for a stream? */
  stream: boolean
  requestId: string
  arrivedAt: number
  reader: UsageReader
  clock: Clock
  limits: TimeLimits
  /** Headers of our own for the answer, flat. */
  ownHeaders: readonly string[]
  /** First upstream byte is about to go out. */
  onFirstByte(): void
  /** First usage was seen. */
  onStarted(): void
  /** The stop reason and final usage were seen; the bytes that carry them have not left yet. */
  onFinal(): void
}

export type DeliveryEnd =
  | { kind: 'complete' }
  /** An upstream's own error, in full, with the client. */
  | { kind: 'upstream_error' }
  | { kind: 'truncated', error: RelayError }
  | { kind: 'client_closed' }
  /** Nothing of it reached the client, which still waits for an answer. */
  | { kind: 'failed', error: RelayError }

const PING = 'event: ping\ndata: {"type": "ping"}\n\n'
const STREAM_HEAD = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']
const SSE_START = /^(?:event|data|id|retry)?:/
const MAX_ERROR_BODY = 1024 * 1024

/**
 * Brings one upstream answer to the client: whole frames with back-pressure, pings in silence, time limits, both ends'
 * aborts, and no cut answer passed off as complete. `ended` resolves once, after the last byte was handed over.
 */
export class Delivery implements SourceListener, Watched {
  readonly ended: Promise<DeliveryEnd>
  /** Status and headers of the upstream, once known. */
  answer: { status: number, rawHeaders: string[], decoded: boolean } | null = null

  private resolve!: (end: DeliveryEnd) => void
  private source: Source | null = null
  private mode: 'unknown' | 'frames' | 'plain' | 'error' = 'unknown'
  private readonly cutter = new FrameCutter({ frame: (bytes, event) => this.onFrame(bytes, event) })
  /** Frames or pieces that wait: leading pings, the last piece of a JSON body, an error body. */
  private held: Buffer[] = []
  private heldBytes = 0
  private sawEvent = false
  private sawStop = false
  private sawError = false
  private final = false
  private done = false
  private readonly sentAt: number
  private lastByteAt: number | null = null
  private lastWriteAt: number
  private blockedSince: number | null = null

  constructor(private readonly o: DeliveryOptions) {
    this.ended = new Promise(resolve => this.resolve = resolve)
    this.sentAt = this.lastWriteAt = o.clock.now()
    o.res.on('close', this.onClientClose)
    o.res.on('drain', this.onDrain)
  }

  attach(source: Source): void {
    this.source = source
    if (this.o.res.destroyed) this.onClientClose()
  }

  head(status: number, rawHeaders: string[], decoded: boolean): void {
    this.answer = { status, rawHeaders, decoded }
    if (status >= 400) this.mode = 'error'
  }

  data(chunk: Buffer): void {
    this.lastByteAt = this.o.clock.now()
    if (this.mode === 'unknown') this.mode = this.isStream(chunk) ? 'frames' : 'plain'
    if (this.mode === 'frames') {
      const frames = this.cutter.push(chunk)
      if (frames) this.forward(frames)
      return
    }
    this.o.reader.push(chunk)
    if (this.mode === 'plain' || this.heldBytes > MAX_ERROR_BODY) this.flush()
    this.held.push(chunk)
    this.heldBytes += chunk.length
  }

  end(): void {
    if (this.done) return
    if (this.mode === 'frames') return this.endFrames()
    if (this.mode === 'unknown') return this.error(cut())
    const reading = this.o.reader.end()
    if (this.mode !== 'error' && reading.complete) this.reportFinal()
    if (this.mode === 'error' && this.o.res.headersSent) this.write(Buffer.from(this.lateError()))
    else this.flush()
    this.commit()
    this.o.res.end()
    this.settle(this.mode === 'error' ? { kind: 'upstream_error' } : reading.complete ? { kind: 'complete' } : { kind: 'truncated', error: cut() })
  }

  error(error: Error): void {
    if (this.done) return
    if (error instanceof ClientGone || this.o.res.destroyed) return this.settle({ kind: 'client_closed' })
    const failure = error instanceof RelayError ? error : cut(error)
    if (this.o.res.headersSent) this.interrupt(failure)
    else this.settle({ kind: 'failed', error: failure })
  }

  check(now: number): void {
    if (this.done) return
    const { limits, res, stream } = this.o
    if (this.blockedSince !== null) {
      if (now - this.blockedSince > limits.idle) this.source?.abort(new ClientGone('The client stopped reading.'))
      return
    }
    if (this.lastByteAt === null ? now - this.sentAt > limits.firstByte * (stream ? 1 : 2) : now - this.lastByteAt > limits.idle) {
      this.source?.abort(new RelayError('upstream_timeout', 'The upstream did not answer in time. Try again.'))
      return
    }
    const early = stream && !res.headersSent && limits.earlyCommit > 0 && now - this.o.arrivedAt >= limits.earlyCommit
    if (early) res.writeHead(200, [...STREAM_HEAD, ...this.ownIds()])
    const silent = res.headersSent && stream && this.mode !== 'plain' && now - this.lastWriteAt >= limits.ping
    if ((early || silent) && this.cutter.atBorder) this.write(PING)
  }

  private isStream(first: Buffer): boolean {
    const type = this.answer!.rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type')
    if (type >= 0 && this.answer!.rawHeaders[type + 1]!.toLowerCase().startsWith('text/event-stream')) return true
    return this.o.stream && SSE_START.test(first.toString('latin1', 0, 16))
  }

  private onFrame(bytes: Buffer, event: string): void {
    if (event !== 'ping') this.sawEvent = true
    if (event === 'message_stop') this.sawStop = true
    else if (event === 'error') this.sawError = true
    const { reader } = this.o
    const before = reader.seen
    reader.push(bytes)
    if (reader.seen === before) return
    if (before === 'nothing') this.o.onStarted()
    if (reader.seen === 'final') this.reportFinal()
  }

  private reportFinal(): void {
    if (this.final) return
    this.final = true
    this.o.onFinal()
  }

  /** Leading pings and comments are not an answer yet: the head goes out with the first event. */
  private forward(frames: Buffer): void {
    if (!this.sawEvent) {
      this.sawEvent = !isLeading(frames)
      if (!this.sawEvent) return void this.held.push(frames)
    }
    this.flush()
    this.commit()
    this.write(frames)
  }

  private endFrames(): void {
    const rest = this.cutter.end()
    if (rest) this.forward(rest)
    if (!this.sawStop && !this.sawError) return this.error(cut())
    this.o.res.end()
    this.settle(this.sawStop ? { kind: 'complete' } : { kind: 'upstream_error' })
  }

  private flush(): void {
    if (this.held.length === 0) return
    this.commit()
    for (const piece of this.held) this.write(piece)
    this.held = []
    this.heldBytes = 0
  }

  private commit(): void {
    const { res } = this.o
    if (res.headersSent || !this.answer) return
    this.o.onFirstByte()
    const headers = clientHeaders(this.answer.rawHeaders, this.answer.decoded)
    res.writeHead(this.answer.status, [...headers, ...this.ownIds(headers)])
  }

  private ownIds(headers: readonly string[] = []): string[] {
    const ids = ['x-relay-request-id', this.o.requestId, ...this.o.ownHeaders]
    const given = headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'request-id')
    return given ? ids : ['request-id', this.o.requestId, ...ids]
  }

  private write(bytes: Buffer | string): void {
    this.lastWriteAt = this.o.clock.now()
    if (this.o.res.write(bytes) || this.blockedSince !== null) return
    this.blockedSince = this.lastWriteAt
    this.source?.pause()
  }

  private readonly onDrain = (): void => {
    this.blockedSince = null
    // Time spent on a slow client is not the upstream's silence.
    if (this.lastByteAt !== null) this.lastByteAt = this.o.clock.now()
    this.source?.resume()
  }

  private readonly onClientClose = (): void => {
    if (!this.done) this.source?.abort(new ClientGone('The client left.'))
  }

  /** The answer has begun and cannot go on: a stream says so in an event, anything else is cut off. */
  private interrupt(error: RelayError): void {
    const { res, requestId } = this.o
    if (this.mode !== 'plain' && this.o.stream && this.cutter.atBorder) res.end(errorEvent(error, requestId))
    else res.destroy()
    this.settle({ kind: 'truncated', error })
  }

  /** An error answer that came after the head had gone out early. */
  private lateError(): string {
    const { error } = this.o.reader.end()
    const body = error ? JSON.stringify({ type: 'error', error, request_id: this.o.requestId }) : null
    return body ? `event: error\ndata: ${body}\n\n` : errorEvent(cut(), this.o.requestId)
  }

  private settle(end: DeliveryEnd): void {
    this.done = true
    this.o.res.off('close', this.onClientClose).off('drain', this.onDrain)
    this.resolve(end)
  }
}

const cut = (cause?: unknown): RelayError => new RelayError('upstream_truncated', 'The upstream ended the answer before it was complete. Try again.', { cause })

/** Nothing but pings, comments and blank lines? */
function isLeading(frames: Buffer): boolean {
  return frames.length < 4096 && /^(?:\s*(?::[^\n]*\n|event: ?ping\r?\ndata:[^\n]*\n))*\s*$/.test(frames.toString('latin1'))
}
