import { expect, it } from 'vitest'
import { createAccountDirectory } from '#server/accounts/directory'
import { sealCredentials, sealProxyUrl } from '#server/accounts/secrets'
import { createAccountStates } from '#server/accounts/states'
import { createChanges } from '#server/lib/changes'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createSealer } from '#server/lib/seal'
import type { Repos } from '#server/db/repos/index'

// Written by the service, read by the relay: an account whose seal they see differently silently leaves the pool.
it('the relay opens what the console sealed, proxy included', async () => {
  const logger = createLogger({ level: 'silent' })
  const sealer = createSealer({ current: 'a-secret-key-of-32-characters-or-more' })
  const row = {
    id: 'one', ownerId: 'owner', groupId: null, name: 'one', platform: 'claude_console', baseUrl: 'https://up.example', enabled: true,
    priority: 1, weight: 1, maxConcurrency: 0, options: '{}', models: '[]', modelMap: '{}',
    credentials: sealCredentials(sealer, 'one', { apiKey: 'upstream-secret' }),
    proxyUrl: sealProxyUrl(sealer, 'one', 'socks5://user:word@proxy.example:1080'),
    stateName: 'normal', stateReason: null, stateEvidence: null, stateSince: 0, stateUntil: null, stateNextProbe: null, stateFailures: 0, modelLimits: '{}', windows: '{}', tokenGeneration: 0, tokenExpiresAt: null,
  }
  const repos = { accounts: { all: async () => [row], get: async () => row }, users: { all: async () => [] } } as unknown as Repos
  const states = createAccountStates({ repos, clock: systemClock, logger, announce: async () => undefined })
  const directory = createAccountDirectory({ repos, changes: createChanges(), sealer, logger, states, pending: { of: () => undefined }, baseUrls: {} })
  await directory.load()
  expect(directory.get('one')).toMatchObject({ credentials: { apiKey: 'upstream-secret' }, proxyUrl: 'socks5://user:word@proxy.example:1080' })
})
