import type { Clock } from '../lib/clock'
import type { AnswerError } from '../platforms/_shared/verdict'
import type { UsageReader, UsageReading } from '../platforms/platform'
import type { RelayError } from './errors'
import type { ClientWriter } from './writer'

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
  writer: ClientWriter
  /** Did the client ask for a stream? */
  stream: boolean
  /** A reader of frames, or of a body in one piece. */
  reader(frames: boolean): UsageReader
  clock: Clock
  limits: Pick<TimeLimits, 'firstByte' | 'idle'>
  /** First upstream byte is about to go out: from now on there is no other account. */
  onFirstByte(): void
  /** First usage was seen. */
  onStarted(reading: UsageReading): void
  /** The stop reason and final usage were seen; the bytes that carry them have not left yet. */
  onFinal(reading: UsageReading): void
}

/** An error answer in full, of which nothing went out. */
export interface Rejection {
  status: number
  /** Flat. */
  rawHeaders: string[]
  decoded: boolean
  body: Buffer
  error: AnswerError | null
}

export type DeliveryEnd
  /** The whole answer is with the client. */
  = | { kind: 'complete' }
  /** The answer had begun and ended with the upstream's own error event. */
    | { kind: 'broken_off', error: { type: string, message: string } }
  /** The answer had begun and could not go on; the client was told. */
    | { kind: 'truncated', error: RelayError }
    | { kind: 'client_closed' }
  /** An error answer; nothing of it went out. */
    | { kind: 'rejected', rejection: Rejection }
  /** No sound answer: not reached, cut or silent before the first event, empty, not what was asked. Nothing went out. */
    | { kind: 'failed', error: RelayError, reason: string, rejection: Rejection | null }
