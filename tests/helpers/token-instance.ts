import { createAccountDirectory } from '#server/accounts/directory'
import { openPendingTokens, type PendingTokens } from '#server/accounts/pending-tokens'
import { createAccountStates } from '#server/accounts/states'
import { createTokens, type TokensDeps } from '#server/accounts/tokens'
import { readConfig } from '#server/config'
import type { Repos } from '#server/db/repos/index'
import type { Kv } from '#server/kv/kv'
import { createChanges } from '#server/lib/changes'
import type { Clock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createSealer } from '#server/lib/seal'
import { createCall } from '#server/relay/call'
import { createPools } from '#server/relay/pools'

export const tokenSealer = createSealer({ current: 'a secret key that is long enough for tests' })

export interface TokenInstanceOptions extends Partial<Pick<TokensDeps, 'call' | 'alone'>> {
  repos: Repos
  kv: Kv
  clock: Clock
  dir: string
  authUrl: string
  /** Stands around the files of pairs that are not stored yet. */
  around?(pending: PendingTokens): PendingTokens
}

/** What one instance of the relay has to keep tokens with. */
export async function openTokenInstance({ repos, kv, clock, dir, authUrl, around = same => same, ...over }: TokenInstanceOptions) {
  const logger = createLogger({ level: 'silent' })
  const changes = createChanges()
  const states = createAccountStates({ repos, clock, logger, announce: async () => undefined })
  const pending = around(openPendingTokens({ dir, logger }))
  const pool = createAccountDirectory({ repos, changes, sealer: tokenSealer, logger, states, pending, baseUrls: {} })
  await pool.load()
  const pools = createPools({ connectTimeoutMs: 2_000 })
  const endpoints = readConfig({ CLAUDE_AUTH_BASE_URL: authUrl }).claudeOAuth
  const tokens = createTokens({ repos, pool, changes, sealer: tokenSealer, states, pending, endpoints, call: createCall(pools), kv, alone: false, clock, logger, ...over })
  return {
    tokens, pool, states, pending, changes,
    async close() {
      await tokens.stop()
      await states.stop()
      await pools.close()
    },
  }
}

export type TokenInstance = Awaited<ReturnType<typeof openTokenInstance>>
