import { knownModels } from '../billing/known-models'
import type { Config } from '../config'
import type { Repos } from '../db/repos/index'
import type { Kv } from '../kv/kv'
import { createClientIp } from '../lib/client-ip'
import { createTouch } from '../lib/touch'
import type { OpenLimits } from '../limits/open'
import { createAssigner } from '../scheduler/assign'
import { createQueue } from '../scheduler/queue'
import { shareReleases } from '../scheduler/releases'
import type { Rooms } from '../scheduler/rooms'
import { createSticky } from '../scheduler/sticky'
import { createBufferBudget } from './body'
import type { Call } from './call'
import { createCounter } from './count'
import { createEstimator } from './estimate/estimator'
import type { FrontDeps } from './front'
import { createWatch } from './watch'

type Given = 'clock' | 'logger' | 'keys' | 'pool' | 'states' | 'missing' | 'tokens' | 'windows' | 'pools' | 'turn' | 'prices' | 'running' | 'readUsage'

export interface OpenRelayDeps extends Pick<FrontDeps, Given> {
  config: Config
  repos: Pick<Repos, 'apiKeys' | 'accounts'>
  kv: Kv
  instanceId: string
  /** Of the thread that estimates tokens. */
  estimateWorkerUrl: URL
  rooms: Rooms
  call: Call
  counted: OpenLimits
  /** Does the account whose window resets soonest take new sessions first? */
  soonestResetFirst(): boolean
}

/** Counting is quick where it works, and an estimate is at hand. */
const COUNT_MS = 15_000
const TOUCH_PERIOD_MS = 15_000

/** Puts together what serves `/claude-code`: choice of accounts, time limits, counting. */
export async function openRelay(deps: OpenRelayDeps): Promise<{ deps: FrontDeps, stop(): Promise<void> }> {
  const { config, repos, kv, instanceId, estimateWorkerUrl, rooms, call, counted, soonestResetFirst, ...given } = deps
  const { clock, logger, missing } = given
  const limits = { firstByte: config.FIRST_BYTE_TIMEOUT_MS, idle: config.IDLE_TIMEOUT_MS, ping: config.PING_INTERVAL_MS, earlyCommit: config.EARLY_COMMIT_MS }
  const watch = createWatch({ clock, periodMs: watchPeriod(Object.values(limits)) })
  const sticky = createSticky(kv)
  const queue = createQueue()
  const endReleases = await shareReleases({ kv, rooms, queue, instanceId, logger })
  const touch = createTouch({ clock, logger, periodMs: TOUCH_PERIOD_MS, write: { key: repos.apiKeys.touch, account: repos.accounts.touch } })
  const estimator = createEstimator({ workerUrl: estimateWorkerUrl, maxBytes: config.MAX_BODY_BYTES, logger })
  const counter = createCounter({
    ...given, sticky, call, estimator, random: Math.random, timeoutMs: Math.min(config.FIRST_BYTE_TIMEOUT_MS, COUNT_MS), maxAttempts: config.MAX_ATTEMPTS,
  })
  return {
    deps: {
      ...given, admission: counted.admission, spending: counted.spending, watch, limits, sticky, counter, knownModels,
      clientIp: createClientIp(config.TRUSTED_PROXIES),
      assign: createAssigner({ sticky, rooms, queue, clock, random: Math.random, lacks: missing.lacks, soonestResetFirst, waits: { room: config.QUEUE_TIMEOUT_MS, sticky: config.STICKY_WAIT_MS } }),
      maxAttempts: config.MAX_ATTEMPTS,
      attemptWindowMs: config.ATTEMPT_WINDOW_MS,
      budget: createBufferBudget(config.MAX_BUFFERED_BYTES),
      maxBodyBytes: config.MAX_BODY_BYTES,
      corsOrigins: config.CORS_ORIGINS,
      touch(keyId, accountId) {
        touch.mark('key', keyId)
        touch.mark('account', accountId)
      },
    },
    async stop() {
      watch.stop()
      await endReleases()
      await estimator.stop()
      await touch.stop()
    },
  }
}

/** Limits are noticed within an eighth of the shortest, at the most a second late. */
const watchPeriod = (limits: number[]): number => Math.max(5, Math.min(1000, ...limits.filter(limit => limit > 0).map(limit => limit / 8)))
