import type { FormField } from '#shared/types/form'
import type { z } from 'zod'
import type { KeyFacts, Principal } from '../keys/principal'
import type { Claim, ClaimAnswer } from '../kv/claims'
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

/** A limit's share in the claim of a request: what all limits want is checked and taken in one step. */
export type Wanted = Partial<Pick<Claim, 'rate' | 'places' | 'caps'>>

/** Why a claim was refused. */
export type Shortage = Extract<ClaimAnswer, { result: 'rate' | 'places' | 'cap' }>

/**
 * One rule that a request must pass. `key` limits are checked before the body is read, `request` limits after.
 * A limit that counts wants something of the kv and words the refusal when it can't be had.
 */
export interface Limit<S = unknown> {
  id: string
  /** i18n key. */
  label: string
  phase: 'key' | 'request'
  /** Where a key keeps this limit's settings; undefined = the key is not limited by it. */
  settings(key: KeyFacts): unknown
  /** What the settings must be: a key whose settings are not is refused. */
  schema: z.ZodType<S>
  /** How the console draws the settings; names are paths in the body of POST and PATCH /api/keys. */
  form: FormField[]
  /** The error to answer with, what is wanted, or null. */
  check(context: AdmitContext, settings: S): RelayError | { wants: Wanted } | null
  /** The error for a claim that was refused by what this limit wanted. `timeZone`: where days begin. */
  refuse?(context: AdmitContext, settings: S, shortage: Shortage, timeZone: string): RelayError
}

/** Checked by type where it is written, kept without it in the registry: settings reach `check` only through `schema`. */
export const defineLimit = <S>(limit: Limit<S>): Limit => limit as Limit
