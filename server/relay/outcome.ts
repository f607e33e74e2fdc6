import { OutOfReachError } from '../lib/guarded-connect'
import { platformOf } from '../platforms/index'
import type { PoolAccount } from '../platforms/platform'
import type { Judgement } from '../platforms/_shared/verdict'
import type { StateEvent } from '../scheduler/state'
import type { AttemptResult } from './attempt'

/** What an attempt means for the account, the log and what happens next. */
export interface Judged {
  /** As the log row names it. */
  verdict: 'deliver' | 'stop' | Judgement['verdict']
  reason: string | null
  event: StateEvent | null
}

/** Judges one attempt. A client that left and a caller's mistake never touch the account. */
export function judge(result: AttemptResult, account: PoolAccount, now: number): Judged {
  switch (result.kind) {
    case 'complete': return { verdict: 'deliver', reason: null, event: { kind: 'success' } }
    case 'client_closed': return { verdict: 'stop', reason: null, event: null }
    case 'broken_off': return { verdict: 'transient', reason: result.error.type, event: { kind: 'transient', reason: result.error.type, evidence: result.error.message } }
    case 'truncated': return { verdict: 'transient', reason: result.error.code, event: { kind: 'transient', reason: result.error.code, evidence: result.error.message } }
    case 'failed': {
      const event = unanswered(result.error.cause, result.reason, evidenceOf(result.error))
      return { verdict: event.kind === 'fault' ? 'account_fault' : 'transient', reason: result.reason, event }
    }
    case 'rejected': {
      const { status, rawHeaders, error } = result.rejection
      const judgement = platformOf(account.platform).judge({ status, rawHeaders, error, call: 'messages' }, now)
      return { verdict: judgement.verdict, reason: judgement.reason, event: eventOf(judgement, `${status} ${error ? `${error.type}: ${error.message}` : ''}`.trim()) }
    }
  }
}

/** What a judgement means for the account; null: nothing. */
export function eventOf({ verdict, reason, until, family }: Judgement, evidence: string): StateEvent | null {
  switch (verdict) {
    case 'pass':
    case 'pass_over': return null
    case 'account_fault': return { kind: 'fault', reason, evidence, until }
    case 'limited': return { kind: 'limited', reason, evidence, until, family }
    case 'transient': return { kind: 'transient', reason, evidence }
  }
}

/** What it means that no answer came: a hiccup, unless only another address or another owner helps. */
export function unanswered(error: unknown, reason: string, evidence: string): StateEvent & { kind: 'transient' | 'fault' } {
  return error instanceof OutOfReachError ? { kind: 'fault', reason, evidence, until: null, lasting: true } : { kind: 'transient', reason, evidence }
}

function evidenceOf(error: Error): string {
  const { cause } = error
  if (cause instanceof OutOfReachError) return cause.message
  return cause instanceof Error ? [(cause as NodeJS.ErrnoException).code, cause.message].filter(Boolean).join(': ') : error.message
}

/** Fresh credentials could not be had just now, which says nothing about the account. */
export const notRenewed = (evidence: string): StateEvent => ({ kind: 'transient', reason: 'token_not_renewed', evidence })
