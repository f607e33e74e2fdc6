import type { Clock } from '../lib/clock'
import type { Probe } from '../relay/probe'
import type { AccountDirectory } from './directory'
import type { AccountStates } from './states'
import { SIGN_IN_AGAIN } from './tokens'

/**
 * Tidies the states of the pool: ends limits whose time is over and probes abnormal accounts that are due. Safe to run at any
 * time and again; begins no probe after the signal. Gives a short account of what it did.
 */
export async function recoverAccounts({ pool, states, probe, clock, signal }: { pool: AccountDirectory, states: AccountStates, probe: Probe, clock: Clock, signal: AbortSignal }): Promise<string> {
  let released = 0
  const due: string[] = []
  for (const account of pool.all()) {
    const before = account.state
    states.apply(account, { kind: 'released' })
    if (account.state !== before) released++
    if (account.enabled && account.state.name === 'abnormal' && account.state.reason !== SIGN_IN_AGAIN && (account.state.nextProbe ?? 0) <= clock.now()) due.push(account.id)
  }
  let recovered = 0
  let probed = 0
  for (const id of due) {
    if (signal.aborted) break
    probed++
    const result = await probe(id, { cheap: true })
    const account = pool.get(id)
    if (!result || !account) continue
    if (result.ok) recovered++
    states.apply(account, result.ok ? { kind: 'probe_ok' } : { kind: 'probe_failed', reason: account.state.reason ?? 'probe_failed', evidence: result.message })
  }
  await states.flush()
  return `${released} released, ${probed} probed, ${recovered} recovered`
}
