import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { version } from '../package.json'
import { createAccountDirectory, type AccountDirectory } from './accounts/directory'
import { createAccountStates, type AccountStates } from './accounts/states'
import { openJournal, type Journal } from './billing/journal'
import { createLedger, type Ledger } from './billing/ledger'
import { createPriceBook, type PriceBook } from './billing/prices'
import type { Config } from './config'
import { openStore, readMigrations, type OpenStore } from './db/client'
import { createRepos, type Repos } from './db/repos/index'
import { createKeyDirectory, type KeyDirectory } from './keys/directory'
import type { Kv } from './kv/kv'
import { openKv } from './kv/open'
import { checkCanary } from './lib/canary'
import { createChanges, type Changes } from './lib/changes'
import { createClientIp } from './lib/client-ip'
import { systemClock, type Clock } from './lib/clock'
import { newId } from './lib/id'
import { createLogger, type Logger } from './lib/logger'
import { createSealer, type Sealer } from './lib/seal'
import { deriveKey, loadSecretKey } from './lib/secret-key'
import { createSync } from './lib/sync'
import { createTaskRunner, type TaskRunner } from './lib/task-runner'
import { createTouch } from './lib/touch'
import { createBufferBudget } from './relay/body'
import type { FrontDeps } from './relay/front'
import { createPools } from './relay/pools'
import { createProbe, type Probe } from './relay/probe'
import { createWatch } from './relay/watch'
import { createAssigner } from './scheduler/assign'
import { createMissingModels } from './scheduler/missing-models'
import { createQueue } from './scheduler/queue'
import { shareReleases } from './scheduler/releases'
import { createRooms, type Rooms } from './scheduler/rooms'
import { createSticky } from './scheduler/sticky'
import { createServices, type Services } from './services'
import { ensureAdmin } from './users/bootstrap'
import { scheduledWorks } from './works'

/** Everything that runs behind the routes. */
export interface Runtime {
  config: Config
  logger: Logger
  clock: Clock
  instanceId: string
  version: string
  store: OpenStore
  repos: Repos
  kv: Kv
  sealer: Sealer
  changes: Changes
  services: Services
  keys: KeyDirectory
  pool: AccountDirectory
  prices: PriceBook
  journal: Journal
  ledger: Ledger
  relay: FrontDeps
  clientIp: FrontDeps['clientIp']
  probe: Probe
  states: AccountStates
  rooms: Rooms
  tasks: TaskRunner
  /** Seals the session cookie. */
  sessionPassword: string
  /** Set at the start that made the first admin with a random password. */
  firstAdmin: { username: string, password: string } | null
  /** Set once the process has been told to stop: balancers should send no more. */
  ending: boolean
  /** Ends cleanly: what is settled gets booked, connections are closed. */
  stop(): Promise<void>
}

export interface BootOptions {
  config: Config
  workerUrl: URL
  readMigration(dialect: 'sqlite' | 'mysql', path: string): Promise<string | null>
}

const TOUCH_PERIOD_MS = 15_000

/** Brings up stores, books and the relay, in the order in which they need each other. */
export async function boot({ config, workerUrl, readMigration }: BootOptions): Promise<Runtime> {
  const clock = systemClock
  const instanceId = newId()
  const logger = createLogger({ level: config.LOG_LEVEL })
  if (config.JWT_SECRET || config.SALT) logger.info('JWT_SECRET and SALT are accepted and not used: set RELAY_SECRET_KEY')

  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const secret = await loadSecretKey({ dataDir: config.dataDir, given: config.RELAY_SECRET_KEY ?? null })
  const sealer = createSealer({ current: secret, previous: config.RELAY_SECRET_KEY_PREVIOUS ?? null })

  const store = await openStore({ mysqlUrl: config.mysqlUrl, sqliteFile: join(config.dataDir, 'relay.db'), workerUrl })
  await store.migrate(await readMigrations(path => readMigration(store.dialect, path)))
  const repos = createRepos(store)
  await checkCanary({ settings: repos.settings, sealer, clock })

  const kv = await openKv({ redisUrl: config.redisUrl, clock, logger })
  const changes = createChanges()
  const prices = createPriceBook()
  const journalDir = join(config.dataDir, 'journal')
  const journal = await openJournal({ dir: journalDir, instanceId, logger })
  const ledger = createLedger({ dir: journalDir, journal, repos, clock, timeZone: config.timeZone, logger })
  await ledger.recover()
  ledger.start()

  const admin = await ensureAdmin({ repos, clock, config })
  const services = createServices({ repos, clock, sealer, changes, logger, config, kv })
  const keys = createKeyDirectory({ repos, changes, clock, logger })
  const states = createAccountStates({ repos, clock, logger, announce: id => changes.announce('account', id) })
  const pool = createAccountDirectory({ repos, changes, sealer, logger, states })
  await Promise.all([keys.load(), pool.load()])

  const limits = { firstByte: config.FIRST_BYTE_TIMEOUT_MS, idle: config.IDLE_TIMEOUT_MS, ping: config.PING_INTERVAL_MS, earlyCommit: config.EARLY_COMMIT_MS }
  const watch = createWatch({ clock, periodMs: watchPeriod(Object.values(limits)) })
  const pools = createPools({ connectTimeoutMs: config.CONNECT_TIMEOUT_MS })
  const sticky = createSticky(kv)
  const rooms = createRooms({ kv, clock, logger, trialMs: config.FIRST_BYTE_TIMEOUT_MS })
  const queue = createQueue()
  if (kv.kind === 'redis') await shareReleases({ kv, rooms, queue, logger })
  const missing = createMissingModels(clock)
  changes.on('account', missing.forget)
  const touch = createTouch({ clock, logger, periodMs: TOUCH_PERIOD_MS, write: { key: repos.apiKeys.touch, account: repos.accounts.touch } })
  const clientIp = createClientIp(config.TRUSTED_PROXIES)
  const relay: FrontDeps = {
    journal, prices, clock, logger, pools, watch, limits, keys, pool, sticky, clientIp, states, missing,
    assign: createAssigner({ sticky, rooms, queue, clock, random: Math.random, lacks: missing.lacks, waits: { room: config.QUEUE_TIMEOUT_MS, sticky: config.STICKY_WAIT_MS } }),
    maxAttempts: config.MAX_ATTEMPTS,
    attemptWindowMs: config.ATTEMPT_WINDOW_MS,
    budget: createBufferBudget(config.MAX_BUFFERED_BYTES),
    maxBodyBytes: config.MAX_BODY_BYTES,
    corsOrigins: config.CORS_ORIGINS,
    touch(keyId, accountId) {
      touch.mark('key', keyId)
      touch.mark('account', accountId)
    },
  }

  const probe = createProbe({ pools, pool, clock, timeoutMs: Math.min(config.FIRST_BYTE_TIMEOUT_MS, 30_000) })
  const tasks = createTaskRunner({ works: scheduledWorks({ repos, pool, states, probe, ledger, clock, retentionMonths: config.LOG_RETENTION_MONTHS }), leases: repos.leases, runs: repos.taskRuns, instanceId, clock, logger })
  // Several processes can only share a MySQL database.
  const sync = store.dialect === 'mysql' ? createSync({ changes, repo: repos.changes, kv, instanceId, clock, logger }) : null
  await sync?.start()

  return {
    config, logger, clock, instanceId, version, store, repos, kv, sealer, changes, services, keys, pool, prices, journal, ledger, relay, clientIp,
    probe, states, rooms, tasks,
    sessionPassword: config.SESSION_SECRET ?? deriveKey(secret, 'session'),
    ending: false,
    firstAdmin: admin?.password ? { username: admin.username, password: admin.password } : null,
    async stop() {
      watch.stop()
      rooms.stop()
      await pools.close()
      await states.stop()
      await sync?.stop()
      await touch.stop()
      await ledger.stop()
      await journal.close()
      await kv.close()
      await store.close()
    },
  }
}

/** Limits are noticed within an eighth of the shortest, at the most a second late. */
const watchPeriod = (limits: number[]): number => Math.max(5, Math.min(1000, ...limits.filter(limit => limit > 0).map(limit => limit / 8)))
