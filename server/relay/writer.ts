import type { ServerResponse } from 'node:http'
import type { JournalTurn } from '../billing/journal-turn'
import type { Clock } from '../lib/clock'
import { errorEvent, type RelayError } from './errors'
import { headerOf } from './headers'
import type { Watched } from './watch'

export interface WriterOptions {
  res: ServerResponse
  /** Did the client ask for a stream? */
  stream: boolean
  requestId: string
  /** Epoch-ms. */
  arrivedAt: number
  /** Headers of our own for the answer, flat. */
  ownHeaders: readonly string[]
  clock: Clock
  /** Milliseconds. `earlyCommit`: a stream still without an answer gets its head and a ping after this; 0 = never. */
  limits: { ping: number, earlyCommit: number }
  /** The books of this turn, which are written before anything goes out. */
  turn: Pick<JournalTurn, 'commit' | 'after'>
}

/** Who feeds the client now, and hears of its pace and its leaving. */
export interface Feeder {
  blocked(blocked: boolean): void
  gone(): void
}

const PING = 'event: ping\ndata: {"type": "ping"}\n\n'
const STREAM_HEAD = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']

/**
 * The client's side of one exchange, over all its attempts: head once, bytes with back-pressure, pings in silence, and an end
 * that says how it ended.
 */
export class ClientWriter implements Watched {
  /** May something of our own go between the bytes now? */
  atBorder = true
  /** Epoch-ms since when the client has not kept up, or null. */
  blockedSince: number | null = null
  private lastWriteAt: number
  private feeder: Feeder | null = null
  /** What came in one turn goes out in one piece: a write per event would cost more than all the rest. */
  private pieces: (Buffer | string)[] = []
  private ending = false

  constructor(private readonly o: WriterOptions) {
    this.lastWriteAt = o.clock.now()
    o.res.on('close', this.onClose)
    o.res.on('drain', this.onDrain)
  }

  get begun(): boolean {
    return this.o.res.headersSent
  }

  get gone(): boolean {
    return this.o.res.destroyed
  }

  feedFrom(feeder: Feeder | null): void {
    this.feeder = feeder
    if (feeder && this.gone) feeder.gone()
  }

  check(now: number): void {
    const { stream, limits, arrivedAt, res } = this.o
    if (!stream || !this.atBorder || this.blockedSince !== null || this.ending || res.writableEnded || res.destroyed) return
    if (this.begun) {
      if (now - this.lastWriteAt >= limits.ping) this.write(PING)
    }
    else if (limits.earlyCommit > 0 && now - arrivedAt >= limits.earlyCommit) {
      this.head(200, STREAM_HEAD)
      this.write(PING)
    }
  }

  /** `headers` is flat. Our request id takes the upstream's place where it gave none. Nothing happens when the head is out. */
  head(status: number, headers: readonly string[]): void {
    const { requestId, ownHeaders, res } = this.o
    if (res.headersSent) return
    const all = [...headers, 'x-relay-request-id', requestId, ...ownHeaders]
    if (headerOf(headers, 'request-id') === undefined) all.push('request-id', requestId)
    res.writeHead(status, all)
  }

  /** Goes out at the end of this turn of the event loop. */
  write(bytes: Buffer | string): void {
    if (this.pieces.push(bytes) === 1) this.o.turn.after(this.flush)
  }

  /** The answer is whole with what was written so far. */
  end(): void {
    this.ending = true
    if (this.pieces.length === 0) this.o.turn.after(this.flush)
  }

  /** Ends a begun stream with an error event; anything else, and a stream inside a frame, is cut off, so that it can't pass for complete. */
  fail(error: RelayError): void {
    this.flush()
    if (this.o.stream && this.atBorder) this.o.res.end(errorEvent(error, this.o.requestId))
    else this.o.res.destroy()
  }

  detach(): void {
    this.o.res.off('close', this.onClose).off('drain', this.onDrain)
  }

  private readonly flush = (): void => {
    const { pieces, o } = this
    this.pieces = []
    if (o.res.destroyed || o.res.writableEnded || (pieces.length === 0 && !this.ending)) return
    o.turn.commit()
    if (pieces.length === 0) return void o.res.end()
    this.lastWriteAt = o.clock.now()
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces.map(piece => typeof piece === 'string' ? Buffer.from(piece) : piece))
    if (this.ending) return void o.res.end(whole)
    if (o.res.write(whole) || this.blockedSince !== null) return
    this.blockedSince = this.lastWriteAt
    this.feeder?.blocked(true)
  }

  private readonly onClose = (): void => this.feeder?.gone()

  private readonly onDrain = (): void => {
    this.blockedSince = null
    this.feeder?.blocked(false)
  }
}
