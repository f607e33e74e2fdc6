import type { z } from 'zod'
import type { Usage } from '#shared/types/usage'
import type { FormField } from '#shared/types/form'
import type { ErrorAnswer, Judgement } from './_shared/verdict'

/** An account as the relay uses it: credentials unsealed, in memory only. */
export interface PoolAccount {
  id: string
  ownerId: string
  groupId: string | null
  name: string
  platform: string
  baseUrl: string | null
  credentials: Record<string, unknown>
  proxyUrl: string | null
  options: Record<string, unknown>
  enabled: boolean
  priority: number
  weight: number
  maxConcurrency: number
  /** Exact names or `*` patterns; empty = all. */
  models: string[]
  modelMap: Record<string, string>
  state: AccountState
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
}

export interface RelayInput {
  /** Path below the base, e.g. `/v1/messages`. */
  path: string
  /** Query with its `?`, or empty. */
  query: string
  /** The client's headers as they came, name, value, name, value. */
  rawHeaders: string[]
  body: Buffer | null
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
  error: { type: string, message: string } | null
}

/** A kind of upstream. One folder under server/platforms each, registered in index.ts. */
export interface Platform<C extends z.ZodType = z.ZodType> {
  id: string
  label: string
  credentials: C
  /** Fields of the console's form besides the common ones. */
  form: FormField[]
  /** Builds the upstream request from the untouched original; pure and repeatable. */
  request(input: RelayInput, account: PoolAccount): UpstreamRequest
  usage(stream: boolean): UsageReader
  /** What an error answer means; one readable table per platform. */
  judge(answer: ErrorAnswer, now: number): Judgement
  /** Calls that find out whether an account works, the cheapest first. */
  probes(model: string): ProbeCall[]
}

/** A call that uses as little as possible. */
export interface ProbeCall {
  path: string
  body: Buffer
}

export const definePlatform = <C extends z.ZodType>(platform: Platform<C>): Platform<C> => platform
