import type { UsageReader, UsageReading } from '../platforms/platform'
import { ClientGone } from './body'
import type { ConvertedListener } from './convert'
import { asRejection, cut, reasonOf, unreachable } from './delivery-errors'
import type { DeliveryEnd, DeliveryOptions, Rejection } from './delivery-types'
import { RelayError } from './errors'
import { FrameCutter } from './frames'
import { clientHeaders, headerOf } from './headers'
import type { Source } from './source'
import type { Watched } from './watch'
import type { Feeder } from './writer'

const SSE_START = /^(?:event|data|id|retry)?:/
/** Bodies in one piece are held whole up to this, so that a broken one can still fail over. */
const MAX_HELD = 1024 * 1024

/**
 * Brings one upstream answer to the client: whole frames with back-pressure, time limits, both ends' aborts, and no cut answer
 * passed off as complete. Nothing goes out before a sound first event. `ended` resolves once, after the last byte was handed over.
 */
export class Delivery implements ConvertedListener, Watched, Feeder {
  readonly ended: Promise<DeliveryEnd>
  /** Status and headers of the upstream, once known. */
  answer: { status: number, rawHeaders: string[], decoded: boolean } | null = null

  private reader: UsageReader | null = null
  private resolve!: (end: DeliveryEnd) => void
  private source: Source | null = null
  private mode: 'unknown' | 'frames' | 'body' | 'error' = 'unknown'
  private readonly cutter = new FrameCutter({ frame: (bytes, event) => this.onFrame(bytes, event) })
  /** Frames or pieces that wait: leading pings, a body in one piece. */
  private held: Buffer[] = []
  private heldBytes = 0
  private sawEvent = false
  private sawStop = false
  private sawError = false
  private final = false
  /** Has anything of the answer gone out? */
  committed = false
  private done = false
  private readonly sentAt: number
  /** Epoch-ms of the last look that found new bytes; asking the time for each chunk would be dear. */
  private lastByteAt: number | null = null
  private moved = false

  constructor(private readonly o: DeliveryOptions) {
    this.ended = new Promise(resolve => this.resolve = resolve)
    this.sentAt = o.clock.now()
  }

  /** What was read of the answer so far; null when there was none. */
  get reading(): UsageReading | null {
    return this.reader?.end() ?? null
  }

  attach(source: Source): void {
    this.source = source
    if (this.done) source.abort(new ClientGone('The exchange has ended.'))
    else this.o.writer.feedFrom(this)
  }

  head(status: number, rawHeaders: string[], decoded: boolean): void {
    this.answer = { status, rawHeaders, decoded }
    if (status >= 400) this.mode = 'error'
  }

  heard(): void {
    this.moved = true
  }

  abort(reason: Error): void {
    this.source?.abort(reason)
  }

  data(chunk: Buffer): void {
    if (this.done) return
    this.heard()
    if (this.mode === 'unknown') this.mode = this.isStream(chunk) ? 'frames' : 'body'
    if (this.mode === 'frames') {
      const frames = this.cutter.push(chunk)
      if (frames) this.forward(frames)
      this.o.writer.atBorder = this.cutter.atBorder
      // The upstream need not end the connection after an error.
      if (this.sawError && !this.committed) this.endFrames()
      if (this.done) this.source?.abort(new ClientGone('The exchange has ended.'))
      return
    }
    this.read(false).push(chunk)
    if (this.mode === 'body' && this.heldBytes > MAX_HELD) this.flush()
    if (this.mode === 'error' && this.heldBytes > MAX_HELD) return
    this.held.push(chunk)
    this.heldBytes += chunk.length
  }

  end(): void {
    if (this.done) return
    if (this.mode === 'frames') return this.endFrames()
    if (this.mode === 'error') return this.reject()
    if (this.mode === 'unknown') return this.fail(cut(), 'empty')
    const { complete, error } = this.read(false).end()
    if (!complete && !this.committed) return this.fail(cut(), error?.type ?? 'not_a_message', error && asRejection(error))
    if (complete && this.o.stream && !this.committed) return this.fail(cut(), 'not_a_stream')
    if (!complete) return this.error(cut())
    this.reportFinal()
    this.flush()
    this.complete()
  }

  error(error: Error): void {
    if (this.done) return
    const { writer } = this.o
    if (error instanceof ClientGone || writer.gone) return this.settle({ kind: 'client_closed' })
    // The message was whole; only the connection's end was not.
    if (this.sawStop && this.committed) return this.complete()
    const failure = error instanceof RelayError ? error : this.answer ? cut(error) : unreachable(error)
    if (!this.committed) return this.fail(failure, reasonOf(error))
    writer.fail(failure)
    this.settle({ kind: 'truncated', error: failure })
  }

  check(now: number): void {
    if (this.done) return
    const { limits, stream, writer } = this.o
    if (this.moved) this.lastByteAt = now
    this.moved = false
    if (writer.blockedSince !== null) {
      if (now - writer.blockedSince > limits.idle) this.source?.abort(new ClientGone('The client stopped reading.'))
      return
    }
    const late = this.lastByteAt === null ? now - this.sentAt > limits.firstByte * (stream ? 1 : 2) : now - this.lastByteAt > limits.idle
    if (late) this.source?.abort(new RelayError('upstream_timeout', 'The upstream did not answer in time. Try again.'))
  }

  blocked(blocked: boolean): void {
    if (blocked) return this.source?.pause()
    // Time spent on a slow client is not the upstream's silence.
    this.lastByteAt &&= this.o.clock.now()
    this.source?.resume()
  }

  gone(): void {
    if (!this.done) this.source?.abort(new ClientGone('The client left.'))
  }

  private isStream(first: Buffer): boolean {
    const type = headerOf(this.answer?.rawHeaders ?? [], 'content-type')
    if (type?.toLowerCase().startsWith('text/event-stream')) return true
    return this.o.stream && SSE_START.test(first.toString('latin1', 0, 16))
  }

  private onFrame(bytes: Buffer, event: string): void {
    if (event === 'message_stop') this.sawStop = true
    else if (event === 'error') this.sawError = true
    const reader = this.read(true)
    const before = reader.seen
    reader.push(bytes)
    if (event !== 'ping' && !this.sawEvent && !this.sawError) this.sawEvent = true
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

  /** Leading pings and comments are not an answer yet, and an error as the first event is none. */
  private forward(frames: Buffer): void {
    this.sawEvent ||= !this.sawError && !isLeading(frames)
    if (!this.sawEvent) return void this.held.push(frames)
    this.flush()
    this.commit()
    this.o.writer.write(frames)
  }

  private endFrames(): void {
    const rest = this.cutter.end()
    const { error } = this.read(true).end()
    if (this.sawError && !this.committed) return this.fail(cut(), error?.type ?? 'error_event', error ? asRejection(error) : null)
    if (!this.sawStop && !this.sawError) return this.error(cut())
    if (rest) this.forward(rest)
    this.o.writer.end()
    this.settle(this.sawStop ? { kind: 'complete' } : { kind: 'broken_off', error: error ?? { type: 'api_error', message: '' } })
  }

  private complete(): void {
    this.o.writer.end()
    this.settle({ kind: 'complete' })
  }

  private reject(): void {
    const { status, rawHeaders, decoded } = this.answer!
    this.settle({ kind: 'rejected', rejection: { status, rawHeaders, decoded, body: Buffer.concat(this.held), error: this.reading?.error ?? null } })
  }

  private flush(): void {
    if (this.held.length === 0) return
    this.commit()
    for (const piece of this.held) this.o.writer.write(piece)
    this.held = []
    this.heldBytes = 0
  }

  private commit(): void {
    if (this.committed || !this.answer) return
    this.committed = true
    this.o.writer.atBorder = this.mode === 'frames'
    this.o.onFirstByte()
    this.o.writer.head(this.answer.status, clientHeaders(this.answer.rawHeaders, this.answer.decoded))
  }

  private fail(error: RelayError, reason: string, rejection: Rejection | null = null): void {
    this.settle({ kind: 'failed', error, reason, rejection })
  }

  private settle(end: DeliveryEnd): void {
    this.done = true
    this.o.writer.feedFrom(null)
    this.resolve(end)
  }
}

/** Nothing but pings, comments and blank lines? */
function isLeading(frames: Buffer): boolean {
  return frames.length < 4096 && /^(?:\s*(?::[^\n]*\n|event: ?ping\r?\ndata:[^\n]*\n))*\s*$/.test(frames.toString('latin1'))
}
