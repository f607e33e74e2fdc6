import type { ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock'
import { errorEvent, type RelayError } from './errors'
import { headerOf } from './headers'

export interface WriterOptions {
  res: ServerResponse
  requestId: string
  /** Headers of our own for the answer, flat. */
  ownHeaders: readonly string[]
  clock: Clock
  /** The client does not keep up, or does again. */
  onBlocked(blocked: boolean): void
  /** The client left before the answer was whole. */
  onGone(): void
}

const PING = 'event: ping\ndata: {"type": "ping"}\n\n'
const STREAM_HEAD = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']

/** The client's side of one answer: head once, bytes with back-pressure, and an end that says how it ended. */
export class ClientWriter {
  lastWriteAt: number
  /** Epoch-ms since when the client has not kept up, or null. */
  blockedSince: number | null = null

  constructor(private readonly o: WriterOptions) {
    this.lastWriteAt = o.clock.now()
    o.res.on('close', o.onGone)
    o.res.on('drain', this.onDrain)
  }

  get begun(): boolean {
    return this.o.res.headersSent
  }

  get gone(): boolean {
    return this.o.res.destroyed
  }

  /** `headers` is flat. Our request id takes the upstream's place where it gave none. */
  head(status: number, headers: readonly string[]): void {
    const { requestId, ownHeaders, res } = this.o
    const all = [...headers, 'x-relay-request-id', requestId, ...ownHeaders]
    if (headerOf(headers, 'request-id') === undefined) all.push('request-id', requestId)
    res.writeHead(status, all)
  }

  /** Begins a stream before the upstream has. */
  headEarly(): void {
    this.head(200, STREAM_HEAD)
  }

  write(bytes: Buffer | string): void {
    this.lastWriteAt = this.o.clock.now()
    if (this.o.res.write(bytes) || this.blockedSince !== null) return
    this.blockedSince = this.lastWriteAt
    this.o.onBlocked(true)
  }

  ping(): void {
    this.write(PING)
  }

  end(): void {
    this.o.res.end()
  }

  /** Ends a stream with an error event; anything else, and a stream inside a frame, is cut off, so that it can't pass for complete. */
  fail(error: RelayError, asEvent: boolean): void {
    if (asEvent) this.o.res.end(errorEvent(error, this.o.requestId))
    else this.o.res.destroy()
  }

  detach(): void {
    this.o.res.off('close', this.o.onGone).off('drain', this.onDrain)
  }

  private readonly onDrain = (): void => {
    this.blockedSince = null
    this.o.onBlocked(false)
  }
}
