import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { redactText } from '../lib/redact'
import type { Sealer } from '../lib/seal'
import type { OAuthEndpoints, TokenReply } from '../platforms/_shared/oauth'
import { platformOf } from '../platforms/index'
import type { PoolAccount } from '../platforms/platform'
import type { Call } from '../relay/call'
import type { AccountDirectory } from './directory'
import type { PendingTokens, TokenPair } from './pending-tokens'
import { credentialsHint, sealCredentials } from './secrets'
import type { AccountStates } from './states'
import { signInRoute } from './route'
import { takeTokenLock, type TokenLock, type TokenLocksDeps } from './token-lock'

/** What came of a renewal. `refused`: only a new sign-in helps, and the account's state says so already. */
export type Renewal = { kind: 'renewed' } | { kind: 'refused' } | { kind: 'failed', evidence: string }

/** Keeps credentials of accounts fresh: one renewal at a time over all instances, and none is lost. */
export interface Tokens {
  renewable(account: PoolAccount): boolean
  /** Have they run out, by this machine's clock? */
  expired(account: PoolAccount): boolean
  /** Renews the credentials of generation `seen`; who comes late finds them renewed. Never rejects. */
  renew(account: PoolAccount, seen: number): Promise<Renewal>
  /** Puts credentials into the database that could not be stored before. */
  storePending(): Promise<void>
  stop(): Promise<void>
}

export interface TokensDeps extends Omit<TokenLocksDeps, 'leases'> {
  repos: Pick<Repos, 'accounts' | 'leases'>
  pool: Pick<AccountDirectory, 'get'>
  changes: Changes
  sealer: Sealer
  states: AccountStates
  pending: PendingTokens
  endpoints: OAuthEndpoints
  call: Call
  clock: Clock
  logger: Logger
}

/** Reason of an account whose sign-in is over; probing it is of no use. */
export const SIGN_IN_AGAIN = 'sign_in_again'

/** What new credentials put right. */
const CURED = new Set([SIGN_IN_AGAIN, 'unauthorized'])

const CALL_MS = 30_000
const WAIT_MS = 45_000
const RETRY_MS = 2_000

export function createTokens(deps: TokensDeps): Tokens {
  const { repos, pool, changes, sealer, states, pending, endpoints, call, clock, logger } = deps
  const running = new Map<string, Promise<Renewal>>()
  /** Locks of renewals that the database does not hold yet: until then no other instance may use the account's tokens. */
  const pinned = new Map<string, TokenLock>()
  let retry: NodeJS.Timeout | null = null

  const oauthOf = (account: PoolAccount) => platformOf(account.platform).oauth

  async function renewLocked(account: PoolAccount, seen: number): Promise<Renewal> {
    const over = (): boolean => account.tokenGeneration !== seen
    const lock = pinned.get(account.id) ?? await takeTokenLock({ ...deps, leases: repos.leases }, account.id, WAIT_MS, over)
    if (!lock) return over() ? { kind: 'renewed' } : { kind: 'failed', evidence: 'Another instance holds the token and is not done with it.' }
    try {
      return over() || await changedMeanwhile(account, seen) ? { kind: 'renewed' } : await ask(account, seen, lock)
    }
    finally {
      if (pinned.get(account.id) !== lock) await lock.release().catch(ignoreOutage)
    }
  }

  /** Takes in what another instance stored before this one had the lock. */
  async function changedMeanwhile(account: PoolAccount, seen: number): Promise<boolean> {
    const row = await repos.accounts.get(account.id).catch((error: unknown) => {
      logger.warn({ err: error, accountId: account.id }, 'the database is away while a token is renewed')
      return null
    })
    if (!row || row.tokenGeneration === (pending.of(account.id)?.base ?? seen)) return false
    await changes.receive('account', account.id)
    return true
  }

  async function ask(account: PoolAccount, seen: number, lock: TokenLock): Promise<Renewal> {
    const before = account.credentials
    const request = oauthOf(account)?.refresh(endpoints, before)
    if (!request) return { kind: 'failed', evidence: 'These credentials cannot be renewed.' }
    let reply: TokenReply
    try {
      const answer = await call(request, signInRoute(account), { timeoutMs: CALL_MS })
      reply = oauthOf(account)!.read(answer, clock.now(), before)
    }
    catch (error) {
      reply = { kind: 'failed', evidence: wordsOf(error) }
    }
    if (reply.kind === 'tokens') return keep(account, seen, reply.credentials, lock)
    if (reply.kind === 'failed') {
      logger.warn({ accountId: account.id, evidence: redactText(reply.evidence) }, 'a token could not be renewed')
      return reply
    }
    // The refusal may be for a token that was replaced by hand just now.
    if (await changedMeanwhile(account, seen)) return { kind: 'renewed' }
    states.apply(account, { kind: 'fault', reason: SIGN_IN_AGAIN, evidence: reply.evidence, until: null, lasting: true })
    return { kind: 'refused' }
  }

  /** On the disk first, in this very turn; then in the database; only then in use, and the lock given back. */
  async function keep(account: PoolAccount, seen: number, credentials: Record<string, unknown>, lock: TokenLock): Promise<Renewal> {
    const pair: TokenPair = {
      accountId: account.id,
      base: pending.of(account.id)?.base ?? seen,
      generation: seen + 1,
      credentials: sealCredentials(sealer, account.id, credentials),
      credentialsHint: credentialsHint(credentials),
      tokenExpiresAt: oauthOf(account)?.expiresAt(credentials) ?? null,
    }
    try {
      pending.keep(pair)
    }
    catch (error) {
      logger.error({ err: error, accountId: account.id }, 'a renewed token cannot be kept on the disk: only the database will hold it')
    }
    try {
      await store(pair)
    }
    catch (error) {
      logger.warn({ err: error, accountId: account.id }, 'a renewed token waits on the disk: the database is away')
      if (account.tokenGeneration === seen) Object.assign(account, { credentials, tokenGeneration: seen + 1, tokenExpiresAt: pair.tokenExpiresAt })
      pinned.set(account.id, lock)
      later()
    }
    return { kind: 'renewed' }
  }

  /** Rejects when the database is away. */
  async function store(pair: TokenPair): Promise<void> {
    const { accountId, base, generation, ...columns } = pair
    const stored = await repos.accounts.renewCredentials(accountId, base, { ...columns, tokenGeneration: generation, updatedAt: clock.now() })
    if (!stored) logger.info({ accountId }, 'a renewed token was not needed: the account has newer credentials or is gone')
    await changes.emit('account', accountId)
    pending.drop(pair)
    const account = stored ? pool.get(accountId) : undefined
    if (account?.state.name === 'abnormal' && CURED.has(account.state.reason ?? '')) states.apply(account, { kind: 'probe_ok' })
  }

  async function storePending(): Promise<void> {
    for (const pair of pending.all()) {
      // A renewal under way stores its own.
      if (running.has(pair.accountId) && !pinned.has(pair.accountId)) continue
      try {
        await store(pair)
      }
      catch (error) {
        logger.debug({ err: error, accountId: pair.accountId }, 'a renewed token still waits on the disk')
        await pinned.get(pair.accountId)?.prolong().catch(ignoreOutage)
        later()
        continue
      }
      await pinned.get(pair.accountId)?.release().catch(ignoreOutage)
      pinned.delete(pair.accountId)
    }
  }

  /** A lock that can't be reached ends by itself. */
  const ignoreOutage = (error: unknown): void => logger.debug({ err: error }, 'a token lock ends by itself')

  function later(): void {
    retry ??= setTimeout(() => {
      retry = null
      void storePending()
    }, RETRY_MS).unref()
  }

  return {
    renewable: account => Boolean(oauthOf(account)?.refresh(endpoints, account.credentials)),
    expired: ({ tokenExpiresAt }) => tokenExpiresAt !== null && tokenExpiresAt <= clock.now(),
    async renew(account, seen) {
      if (account.tokenGeneration !== seen) return { kind: 'renewed' }
      const under = running.get(account.id)
      if (under) return under
      const renewal = renewLocked(account, seen)
        .catch((error: unknown): Renewal => {
          logger.error({ err: error, accountId: account.id }, 'the renewal of a token failed unexpectedly')
          return { kind: 'failed', evidence: wordsOf(error) }
        })
        .finally(() => running.delete(account.id))
      running.set(account.id, renewal)
      return renewal
    },
    storePending,
    async stop() {
      if (retry) clearTimeout(retry)
      await Promise.all(running.values())
      await storePending()
      if (retry) clearTimeout(retry)
    },
  }
}

const wordsOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException
  return redactText([code, error instanceof Error ? error.message : String(error)].filter(Boolean).join(': ')).slice(0, 300)
}
