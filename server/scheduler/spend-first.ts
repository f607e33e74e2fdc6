import type { PoolAccount } from '../platforms/platform'

/** When the next of the account's own windows resets that still has something left, epoch-ms; Infinity: none is known. */
function nextReset({ windows }: PoolAccount, now: number): number {
  const resets = (windows?.windows ?? [])
    // Windows of one model family say nothing of the others.
    .filter(({ id, used, resetsAt }) => !id.includes('_') && (used ?? 0) < 1 && (resetsAt ?? 0) > now)
    .map(({ resetsAt }) => resetsAt!)
  return Math.min(Infinity, ...resets)
}

/**
 * Of the accounts with the lowest priority number, those whose usage window resets soonest: what is left of it would be lost.
 * All of `fit` when no window is known. Accounts that take no new sessions (weight 0) are not preferred.
 */
export function soonestReset(fit: readonly PoolAccount[], now: number): readonly PoolAccount[] {
  const best = Math.min(...fit.map(account => account.priority))
  const level = fit.filter(account => account.priority === best && account.weight > 0)
  const soonest = Math.min(Infinity, ...level.map(account => nextReset(account, now)))
  return soonest === Infinity ? fit : level.filter(account => nextReset(account, now) === soonest)
}
