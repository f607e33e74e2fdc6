import type { UsageReader, UsageReading } from '../platforms/platform'
import { ClientGone } from './body'
import type { DeliveryEnd, DeliveryOptions } from './delivery-types'
import { RelayError, errorEvent } from './errors'
import { FrameCutter } from './frames'
import { clientHeaders, headerOf } from './headers'
import type { Source, SourceListener } from './source'
import type { Watched } from './watch'
import { ClientWriter } from './writer'

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

  private reader: UsageReader | null = null
  private resolve!: (end: DeliveryEnd) => void
  private source: Source | null = null
  private mode: 'unknown' | 'frames' | 'plain' | 'error' = 'unknown'
  private readonly cutter = new FrameCutter({ frame: (bytes, event) => this.onFrame(bytes, event) })
  private readonly writer: ClientWriter
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

  constructor(private readonly o: DeliveryOptions) {
    this.ended = new Promise(resolve => this.resolve = resolve)
    this.sentAt = o.clock.now()
    this.writer = new ClientWriter({ res: o.res, requestId: o.requestId, ownHeaders: o.ownHeaders, clock: o.clock, onBlocked: blocked => this.onBlocked(blocked), onGone: () => this.onGone() })
  }

  /** What was read of the answer so far; null when there was none. */
  get reading(): UsageReading | null {
    return this.reader?.end() ?? null
  }

  attach(source: Source): void {
    this.source = source
    if (this.writer.gone) this.onGone()
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
    this.read(false).push(chunk)
    if (this.mode === 'plain' || this.heldBytes > MAX_ERROR_BODY) this.flush()
    this.held.push(chunk)
    this.heldBytes += chunk.length
  }

  end(): void {
    if (this.done) return
    if (this.mode === 'frames') return this.endFrames()
    if (this.mode === 'unknown') return this.error(cut())
    if (this.mode === 'error') return this.endError()
    const { complete } = this.read(false).end()
    if (complete) this.reportFinal()
    this.flush()
    this.writer.end()
    this.settle(complete ? { kind: 'complete' } : { kind: 'truncated', error: cut() })
  }

  error(error: Error): void {
    if (this.done) return
    if (error instanceof ClientGone || this.writer.gone) return this.settle({ kind: 'client_closed' })
    const failure = error instanceof RelayError ? error : this.answer ? cut(error) : unreachable(error)
    if (!this.writer.begun) return this.settle({ kind: 'failed', error: failure })
    this.writer.fail(failure, this.o.stream && this.mode !== 'plain' && this.cutter.atBorder)
    this.settle({ kind: 'truncated', error: failure })
  }

  check(now: number): void {
    if (this.done) return
    const { limits, stream, arrivedAt } = this.o
    const { writer } = this
    if (writer.blockedSince !== null) {
      if (now - writer.blockedSince > limits.idle) this.source?.abort(new ClientGone('The client stopped reading.'))
      return
    }
    const late = this.lastByteAt === null ? now - this.sentAt > limits.firstByte * (stream ? 1 : 2) : now - this.lastByteAt > limits.idle
    if (late) return this.source?.abort(new RelayError('upstream_timeout', 'The upstream did not answer in time. Try again.'))
    if (!stream || this.mode === 'plain' || !this.cutter.atBorder) return
    if (writer.begun) {
      if (now - writer.lastWriteAt >= limits.ping) writer.ping()
    }
    else if (limits.earlyCommit > 0 && now - arrivedAt >= limits.earlyCommit) {
      writer.headEarly()
      writer.ping()
    }
  }

  private isStream(first: Buffer): boolean {
    const type = headerOf(this.answer?.rawHeaders ?? [], 'content-type')
    if (type?.toLowerCase().startsWith('text/event-stream')) return true
    return this.o.stream && SSE_START.test(first.toString('latin1', 0, 16))
  }

  private onFrame(bytes: Buffer, event: string): void {
    if (event !== 'ping') this.sawEvent = true
    if (event === 'message_stop') this.sawStop = true
    else if (event === 'error') this.sawError = true
    const reader = this.read(true)
    const before = reader.seen
    reader.push(bytes)
    if (reader.seen === before) return
    if (before === 'nothing') this.o.onStarted(reader.end())
    if (reader.seen === 'final') this.reportFinal()
  }

  private reportFinal(): void {
    if (this.final) return
    this.final = true
    this.o.onFinal(this.read(true).end())
  }

  private read(frames: boolean): UsageReader {
    return this.reader ??= this.o.reader(frames)
  }

  /** Leading pings and comments are not an answer yet: the head goes out with the first event. */
  private forward(frames: Buffer): void {
    this.sawEvent ||= !isLeading(frames)
    if (!this.sawEvent) return void this.held.push(frames)
    this.flush()
    this.commit()
    this.writer.write(frames)
  }

  private endFrames(): void {
    const rest = this.cutter.end()
    if (!this.sawStop && !this.sawError) return this.error(cut())
    if (rest) this.forward(rest)
    this.writer.end()
    this.settle(this.sawStop ? { kind: 'complete' } : { kind: 'upstream_error' })
  }

  /** An error answer goes out as it came, or as an event when the head had gone out early. */
  private endError(): void {
    if (this.writer.begun) {
      const error = this.reading?.error
      this.writer.write(error ? `event: error\ndata: ${JSON.stringify({ type: 'error', error, request_id: this.o.requestId })}\n\n` : errorEvent(cut(), this.o.requestId))
    }
    else {
      this.commit()
      this.flush()
    }
    this.writer.end()
    this.settle({ kind: 'upstream_error' })
  }

  private flush(): void {
    if (this.held.length === 0) return
    this.commit()
    for (const piece of this.held) this.writer.write(piece)
    this.held = []
    this.heldBytes = 0
  }

  private commit(): void {
    if (this.writer.begun || !this.answer) return
    this.o.onFirstByte()
    this.writer.head(this.answer.status, clientHeaders(this.answer.rawHeaders, this.answer.decoded))
  }

  private onBlocked(blocked: boolean): void {
    if (blocked) return this.source?.pause()
    // Time spent on a slow client is not the upstream's silence.
    this.lastByteAt &&= this.o.clock.now()
    this.source?.resume()
  }

  private onGone(): void {
    if (!this.done) this.source?.abort(new ClientGone('The client left.'))
  }

  private settle(end: DeliveryEnd): void {
    this.done = true
    this.writer.detach()
    this.resolve(end)
  }
}

const cut = (cause?: unknown): RelayError => new RelayError('upstream_truncated', 'The upstream ended the answer before it was complete. Try again.', { cause })

const unreachable = (cause: unknown): RelayError => new RelayError('pool_empty', 'The upstream of this key\'s pool cannot be reached right now. Try again later or ask the operator.', { cause })

/** Nothing but pings, comments and blank lines? */
function isLeading(frames: Buffer): boolean {
  return frames.length < 4096 && /^(?:\s*(?::[^\n]*\n|event: ?ping\r?\ndata:[^\n]*\n))*\s*$/.test(frames.toString('latin1'))
}
