import { allowsModel } from '#shared/utils/model-pattern'
import type { PoolAccount } from '../platforms/platform'
import { isUsable } from './state'
import type { Sticky } from './sticky'

export interface ChooseContext {
  candidates: readonly PoolAccount[]
  model: string
  /** Sticky key, or null when the client names no session. */
  session: string | null
  /** Ids of accounts this request has tried already. */
  tried: ReadonlySet<string>
  /** Epoch-ms. */
  now: number
}

/** An account passed over and why; the reason is a short code for the log row. */
export interface Skipped {
  account: PoolAccount
  reason: 'tried' | 'disabled' | 'abnormal' | 'limited' | 'cooling' | 'model'
}

export interface Choice {
  account: PoolAccount | null
  skipped: Skipped[]
}

/** Why the account can't take this request, or null when it can. */
export function obstacle(account: PoolAccount, { model, tried, now }: Pick<ChooseContext, 'model' | 'tried' | 'now'>): Skipped['reason'] | null {
  if (tried.has(account.id)) return 'tried'
  if (!account.enabled) return 'disabled'
  if (!isUsable(account.state, now)) return account.state.name === 'normal' ? null : account.state.name
  if (!allowsModel(account.models, model)) return 'model'
  return null
}

/**
 * Chooses an account: the one the session is on if it can take the request; else the lowest priority number and, inside it,
 * at random in proportion to the weights (0 = no new sessions, unless all are 0).
 * A new session is claimed at once, so that its parallel first requests meet on one account.
 */
export function createChooser({ sticky, random }: { sticky: Sticky, random: () => number }) {
  return async function choose(context: ChooseContext): Promise<Choice> {
    const skipped: Skipped[] = []
    const fit: PoolAccount[] = []
    for (const account of context.candidates) {
      const reason = obstacle(account, context)
      if (reason) skipped.push({ account, reason })
      else fit.push(account)
    }
    if (fit.length === 0) return { account: null, skipped }
    const { session } = context
    if (session === null) return { account: draw(fit, random), skipped }
    const held = await sticky.get(session)
    const stuck = held === null ? undefined : fit.find(account => account.id === held)
    if (stuck) return { account: stuck, skipped }
    if (held !== null) await sticky.drop(session)
    const drawn = draw(fit, random)
    const owner = await sticky.claim(session, drawn.id)
    return { account: fit.find(account => account.id === owner) ?? drawn, skipped }
  }
}

function draw(fit: readonly PoolAccount[], random: () => number): PoolAccount {
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
