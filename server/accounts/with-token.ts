import type { PoolAccount } from '../platforms/platform'
import type { Renewal, Tokens } from './tokens'

export interface TokenCall<T> {
  send(): Promise<T>
  /** Does the answer say that the credentials are not taken? */
  isUnauthorized(answer: T): boolean
  /** Sends once more, with renewed credentials; default: as before. */
  again?(first: T): Promise<T>
}

/**
 * One call with an account's credentials. What has run out is renewed before it; what the upstream does not take is renewed
 * once and the call repeated. `renewal` says what came of that, null when none was asked for after the call.
 */
export async function withToken<T>(tokens: Pick<Tokens, 'expired' | 'renewable' | 'renew'>, account: PoolAccount, { send, isUnauthorized, again = send }: TokenCall<T>): Promise<{ answer: T, renewal: Renewal | null }> {
  // When that fails, the upstream may still take them: clocks differ.
  if (tokens.expired(account) && tokens.renewable(account)) await tokens.renew(account, account.tokenGeneration)
  const used = account.tokenGeneration
  const answer = await send()
  if (!isUnauthorized(answer) || !tokens.renewable(account)) return { answer, renewal: null }
  const renewal = await tokens.renew(account, used)
  return { answer: renewal.kind === 'renewed' ? await again(answer) : answer, renewal }
}
