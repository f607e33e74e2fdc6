import type { z } from 'zod'
import type { Usage } from '#shared/types/usage'
import type { FormField } from '#shared/types/form'
import type { Peeked } from '../relay/peek'
import type { UsageWindow, UsageWindows } from '#shared/types/usage-window'
import type { OAuth } from './_shared/oauth'
import type { AnswerError, ErrorAnswer, Judgement } from './_shared/verdict'

/** An account as the relay uses it: credentials unsealed, in memory only. */
export interface PoolAccount {
  id: string
  ownerId: string
  groupId: string | null
  name: string
  platform: string
  /** Its own, else its platform's; null when neither has one. */
  baseUrl: string | null
  credentials: Record<string, unknown>
  /** Grows with every change of the credentials. */
  tokenGeneration: number
  /** When the credentials run out, epoch-ms; null: never, or not known. */
  tokenExpiresAt: number | null
  proxyUrl: string | null
  /** Its addresses were entered by somebody who is no admin: they must be public ones. */
  publicOnly: boolean
  options: Record<string, unknown>
  enabled: boolean
  priority: number
  weight: number
  maxConcurrency: number
  /** Exact names or `*` patterns; empty = all. */
  models: string[]
  modelMap: Record<string, string>
  state: AccountState
  /** Null: its upstream has told of none. */
  windows: UsageWindows | null
  /** Cost per local day after which the account gets no new requests; null = none. */
  dailyLimitNano: number | null
  /** What the day that ends at `until` has cost; kept up to date for accounts with a limit. */
  spent?: { nano: number, until: number }
}

export type AccountStateName = 'normal' | 'limited' | 'cooling' | 'abnormal'

/** Times are epoch-ms. `until` is compared when choosing. */
export interface AccountState {
  name: AccountStateName
  reason: string | null
  evidence: string | null
  since: number
  until: number | null
  nextProbe: number | null
  /** Consecutive failures, limits or probes without a success between them: what back-offs grow with. */
  failures: number
  /** Model families that alone are limited, with the end of it. */
  modelLimits: Readonly<Record<string, number>>
}

/** What goes to an upstream. `headers` is the flat name, value list that undici takes. */
export interface UpstreamRequest {
  origin: string
  path: string
  method: 'POST' | 'GET'
  headers: string[]
  body: Buffer | null
  /** Turns the answer to this very request into an Anthropic one. Absent: the answer goes to the client as it comes. */
  answer?: AnswerConverter
}

/**
 * Turns one answer of another format into the Anthropic answer it stands for: bytes in, bytes out, however they are cut. Its methods throw
 * an {@link AnswerFault} when the answer is not one. What it gives out is judged and delivered like any other Anthropic answer.
 */
export interface AnswerConverter {
  /** Headers of the converted answer, flat. */
  head(status: number, rawHeaders: string[]): string[]
  /** What is complete with these bytes, or null. */
  push(chunk: Buffer): Buffer | null
  /** The upstream ended in good order: the rest, or null. */
  end(): Buffer | null
  /** Has all that matters arrived, so that a connection that breaks now takes nothing away? */
  readonly whole: boolean
  /** What a reader found in the converted answer, with what only the original says. */
  complete(reading: UsageReading): UsageReading
}

export interface RelayInput {
  /** Path below the base, e.g. `/v1/messages`. */
  path: string
  /** Query with its `?`, or empty. */
  query: string
  /** The client's headers as they came, name, value, name, value. */
  rawHeaders: string[]
  /** As it came, possibly compressed; null for a GET. */
  body: Buffer | null
  /** What was read of the body; null without one. */
  facts: Peeked | null
}

/**
 * Reads what was used from a copy of the answer's bytes, one reader per attempt.
 * Stream: `push` gets whole SSE frames (others than content deltas). JSON: pieces of the body, in order.
 */
export interface UsageReader {
  push(bytes: Buffer): void
  /** `started`: first usage seen. `final`: the stop reason and final usage were seen (JSON: only after `end`). */
  readonly seen: 'nothing' | 'started' | 'final'
  /** What is known now; may be called any time and again. */
  end(): UsageReading
}

export interface UsageReading {
  usage: Usage
  /** Did the final usage arrive? */
  complete: boolean
  servedModel: string | null
  stopReason: string | null
  /** Type and message of an `error` event or error body that was pushed, else null. */
  error: AnswerError | null
}

/** Settings of a platform's options that fit one maker of upstreams, to be filled into the console's form. */
export interface Preset {
  id: string
  label: string
  baseUrl: string
  options: Record<string, unknown>
}

/** A kind of upstream. One folder under server/platforms each, registered in index.ts. */
export interface Platform<C extends z.ZodType = z.ZodType> {
  id: string
  label: string
  credentials: C
  /** Settings that an account may have besides; absent: none. Every field has a default. */
  options?: z.ZodObject
  presets?: readonly Preset[]
  /** Fields of the console's form besides the common ones. */
  form: FormField[]
  /** Builds the upstream request from the untouched original; pure and repeatable. Throws {@link UnfitRequest}. */
  request(input: RelayInput, account: PoolAccount): UpstreamRequest
  usage(stream: boolean): UsageReader
  /** What an error answer means; one readable table per platform. */
  judge(answer: ErrorAnswer, now: number): Judgement
  /** Calls that find out whether an account works, the cheapest first. */
  probes(model: string): ProbeCall[]
  /** Has its upstream `/v1/messages/count_tokens`? Absent: tokens are estimated here. */
  countsTokens?: boolean
  /** Usage windows that an answer's headers tell of. Absent: its upstreams tell none. */
  windows?(rawHeaders: readonly string[], now: number): UsageWindow[]
  /** Signing in and renewing credentials. Absent: they change only by hand. */
  oauth?: OAuth
}

/** A call that uses as little as possible. */
export interface ProbeCall {
  path: string
  /** Null: a GET. */
  body: Buffer | null
}

/** A request that this platform's upstreams cannot be asked; the message says why, to the user of the key. */
export class UnfitRequest extends Error {
  override name = 'UnfitRequest'
}

/** An answer that is not what was asked for. `code` is the reason as logs and account states name it. */
export class AnswerFault extends Error {
  override name = 'AnswerFault'

  constructor(readonly code: string, message: string) {
    super(message)
  }
}

export const definePlatform = <C extends z.ZodType>(platform: Platform<C>): Platform<C> => platform
