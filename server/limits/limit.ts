import type { FormField } from '#shared/types/form'
import type { z } from 'zod'
import type { Principal } from '../keys/principal'
import type { RelayError } from '../relay/errors'

/** What a limit may look at. */
export interface AdmitContext {
  principal: Principal
  /** Model asked for; null while only the key is known. */
  model: string | null
  ip: string
  userAgent: string | undefined
  /** Epoch-ms. */
  now: number
}

/**
 * One rule that a request must pass. `key` limits are checked before the body is read, `request` limits after.
 * `check` gives the error to answer with, or null.
 */
export interface Limit<S extends z.ZodType = z.ZodType> {
  id: string
  label: string
  phase: 'key' | 'request'
  schema: S
  form: FormField[]
  check(context: AdmitContext): RelayError | null
}

export const defineLimit = <S extends z.ZodType>(limit: Limit<S>): Limit<S> => limit
