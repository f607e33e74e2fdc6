import { allowsModel } from '#shared/utils/model-pattern'
import type { PoolAccount } from '../platforms/platform'
import { familyLimit, usability } from './state'

export type Obstacle = 'tried' | 'disabled' | 'abnormal' | 'limited' | 'cooling' | 'model' | 'model_limited' | 'model_missing' | 'room' | 'trial'

/** An account passed over and why; the reason is a short code for the log row and the console. */
export interface Skipped {
  account: PoolAccount
  reason: Obstacle
  /** When the obstacle is expected to end, epoch-ms, or null. */
  until: number | null
}

export interface Wanted {
  model: string
  /** Ids of accounts this request has tried already. */
  tried: ReadonlySet<string>
  /** Has this account answered lately that it lacks the model? */
  lacks(account: PoolAccount, model: string): boolean
  /** Epoch-ms. */
  now: number
}

/** Why the account can't take this request, or null when it can. */
export function obstacle(account: PoolAccount, { model, tried, lacks, now }: Wanted): Omit<Skipped, 'account'> | null {
  const { state } = account
  if (tried.has(account.id)) return { reason: 'tried', until: null }
  if (!account.enabled) return { reason: 'disabled', until: null }
  if (!allowsModel(account.models, model)) return { reason: 'model', until: null }
  const usable = usability(state, now)
  if (usable !== 'yes' && usable !== 'trial') return { reason: usable, until: usable === 'abnormal' ? state.nextProbe : state.until }
  const until = familyLimit(state, model, now)
  if (until !== null) return { reason: 'model_limited', until }
  return lacks(account, model) ? { reason: 'model_missing', until: null } : null
}

/** Splits candidates into those that can take the request now and those that can't. */
export function sift(candidates: readonly PoolAccount[], wanted: Wanted): { fit: PoolAccount[], skipped: Skipped[] } {
  const fit: PoolAccount[] = []
  const skipped: Skipped[] = []
  for (const account of candidates) {
    const found = obstacle(account, wanted)
    if (found) skipped.push({ account, ...found })
    else fit.push(account)
  }
  return { fit, skipped }
}

/**
 * Draws one account: the lowest priority number and, inside it, at random in proportion to the weights
 * (0 = no new sessions, unless all are 0). `fit` must not be empty.
 */
export function draw(fit: readonly PoolAccount[], random: () => number): PoolAccount {
  const best = Math.min(...fit.map(account => account.priority))
  const level = fit.filter(account => account.priority === best)
  const total = level.reduce((sum, account) => sum + account.weight, 0)
  if (total === 0) return level[Math.floor(random() * level.length)]!
  let at = random() * total
  for (const account of level) {
    at -= account.weight
    if (at < 0) return account
  }
  return level.findLast(account => account.weight > 0)!
}

/**
 * When nothing is fit: of accounts that only cool down, the one that returns soonest (a pool's last usable account is never taken
 * away); else one that said it lacks the model, so that the client gets the upstream's own word on it.
 */
export function lastResort(skipped: readonly Skipped[]): PoolAccount | null {
  const cooling = skipped.filter(({ reason }) => reason === 'cooling' || reason === 'trial')
  if (cooling.length > 0) return cooling.reduce((a, b) => (a.until ?? 0) <= (b.until ?? 0) ? a : b).account
  return skipped.find(({ reason }) => reason === 'model_missing')?.account ?? null
}
