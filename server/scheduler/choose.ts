import { allowsModel } from '#shared/utils/model-pattern'
import type { PoolAccount } from '../platforms/platform'
import { familyLimit, usability } from './state'

export type Obstacle = 'tried' | 'disabled' | 'abnormal' | 'limited' | 'cooling' | 'model' | 'model_limited' | 'model_missing' | 'room' | 'trial' | 'over_budget'

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

type Found = Omit<Skipped, 'account'>

/** Every rule that keeps an account from a request, in the order in which they are told. */
const rules: ((account: PoolAccount, wanted: Wanted) => Found | null)[] = [
  ({ id }, { tried }) => tried.has(id) ? { reason: 'tried', until: null } : null,
  ({ enabled }) => enabled ? null : { reason: 'disabled', until: null },
  ({ models }, { model }) => allowsModel(models, model) ? null : { reason: 'model', until: null },
  ({ state }, { now }) => {
    const usable = usability(state, now)
    if (usable === 'yes' || usable === 'trial') return null
    return { reason: usable, until: usable === 'abnormal' ? state.nextProbe : state.until }
  },
  ({ state }, { model, now }) => {
    const until = familyLimit(state, model, now)
    return until === null ? null : { reason: 'model_limited', until }
  },
  ({ dailyLimitNano, spent }, { now }) => dailyLimitNano !== null && spent && spent.until > now && spent.nano >= dailyLimitNano ? { reason: 'over_budget', until: spent.until } : null,
  (account, { model, lacks }) => lacks(account, model) ? { reason: 'model_missing', until: null } : null,
]

/** Why the account can't take this request, or null when it can. */
export function obstacle(account: PoolAccount, wanted: Wanted): Found | null {
  for (const rule of rules) {
    const found = rule(account, wanted)
    if (found) return found
  }
  return null
}

/** All that keeps the account from this request, not only the first of it. */
export const obstacles = (account: PoolAccount, wanted: Wanted): Found[] => rules.flatMap(rule => rule(account, wanted) ?? [])

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

/** The accounts of the lowest priority number, and the sum of their weights. */
function bestLevel(fit: readonly PoolAccount[]): { level: PoolAccount[], total: number } {
  const best = Math.min(...fit.map(account => account.priority))
  const level = fit.filter(account => account.priority === best)
  return { level, total: level.reduce((sum, account) => sum + account.weight, 0) }
}

/**
 * Draws one account: the lowest priority number and, inside it, at random in proportion to the weights
 * (0 = no new sessions, unless all are 0). `fit` must not be empty.
 */
export function draw(fit: readonly PoolAccount[], random: () => number): PoolAccount {
  const { level, total } = bestLevel(fit)
  if (total === 0) return level[Math.floor(random() * level.length)]!
  let at = random() * total
  for (const account of level) {
    at -= account.weight
    if (at < 0) return account
  }
  return level.findLast(account => account.weight > 0)!
}

/** How often {@link draw} takes each account, by id: 0 to 1. Who is not in it is never drawn. */
export function chances(fit: readonly PoolAccount[]): Map<string, number> {
  const { level, total } = bestLevel(fit)
  return new Map(level.map(({ id, weight }) => [id, total === 0 ? 1 / level.length : weight / total]))
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
