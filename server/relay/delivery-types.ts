import type { ServerResponse } from 'node:http'
import type { Clock } from '../lib/clock'
import type { UsageReader, UsageReading } from '../platforms/platform'
import type { RelayError } from './errors'

/** Milliseconds. */
export interface TimeLimits {
  /** For a stream; an answer in one piece may take twice as long. */
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
  /** Epoch-ms. */
  arrivedAt: number
  /** A reader of frames, or of a body in one piece. */
  reader(frames: boolean): UsageReader
  clock: Clock
  limits: TimeLimits
  /** Headers of our own for the answer, flat. */
  ownHeaders: readonly string[]
  /** First upstream byte is about to go out. */
  onFirstByte(): void
  /** First usage was seen. */
  onStarted(reading: UsageReading): void
  /** The stop reason and final usage were seen; the bytes that carry them have not left yet. */
  onFinal(reading: UsageReading): void
}

export type DeliveryEnd
  = | { kind: 'complete' }
  /** An upstream's own error, in full, with the client. */
    | { kind: 'upstream_error' }
    | { kind: 'truncated', error: RelayError }
    | { kind: 'client_closed' }
  /** Nothing of it reached the client, which still waits for an answer. */
    | { kind: 'failed', error: RelayError }
