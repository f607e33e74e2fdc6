import type { Clock } from '../lib/clock'
import type { AccountDirectory } from './directory'
import { SIGN_IN_AGAIN, type Tokens } from './tokens'

/** Tokens are renewed when they end within this. */
const AHEAD_MS = 10 * 60_000
const AT_ONCE = 10

/** Renews tokens that end soon, and stores those that could not be stored before. Gives a short account of what it did. */
export async function refreshTokens({ pool, tokens, clock }: { pool: AccountDirectory, tokens: Tokens, clock: Clock }): Promise<string> {
  await tokens.storePending()
  const counts = { renewed: 0, refused: 0, failed: 0 }
  const due = pool.all().filter(account => account.enabled && account.tokenExpiresAt !== null && account.tokenExpiresAt - clock.now() <= AHEAD_MS
    && account.state.reason !== SIGN_IN_AGAIN && tokens.renewable(account))
  while (due.length > 0) {
    const renewals = await Promise.all(due.splice(0, AT_ONCE).map(account => tokens.renew(account, account.tokenGeneration)))
    for (const { kind } of renewals) counts[kind]++
  }
  return `${counts.renewed} renewed, ${counts.refused} refused, ${counts.failed} failed`
}
