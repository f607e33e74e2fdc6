import clientAllowed from './client-allowed'
import ipAllowed from './ip-allowed'
import keyActive from './key-active'
import type { AdmitContext, Limit } from './limit'
import modelAllowed from './model-allowed'

/** Every limit, in the order of checking. */
export const limits: readonly Limit[] = [keyActive, ipAllowed, clientAllowed, modelAllowed]

/** Throws the RelayError of the first limit of that phase that refuses. */
export function admit(phase: Limit['phase'], context: AdmitContext): void {
  for (const limit of limits) {
    const refusal = limit.phase === phase ? limit.check(context) : null
    if (refusal) throw refusal
  }
}
