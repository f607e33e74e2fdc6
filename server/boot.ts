import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { version } from '../package.json'
import { createAccountDirectory, type AccountDirectory } from './accounts/directory'
import { openPendingTokens } from './accounts/pending-tokens'
import { createAccountStates, type AccountStates } from './accounts/states'
import { createTokens } from './accounts/tokens'
import { createWindowKeeper } from './accounts/windows'
import { openJournal, type Journal } from './billing/journal'
import { JournalTurn } from './billing/journal-turn'
import { createLedger, type Ledger } from './billing/ledger'
import { createPriceDirectory, type PriceDirectory } from './billing/price-directory'
import { createRepricer, type Repricer } from './billing/reprice'
import type { Config } from './config'
import { openStore, readMigrations, type OpenStore } from './db/client'
import type { ApiLogRow } from './db/repos/api-logs'
import { createRepos, type Repos } from './db/repos/index'
import { createRelayUsage } from './key-query/relay-usage'
import { createKeyDirectory, type KeyDirectory } from './keys/directory'
import { createFirstUse } from './keys/first-use'
import type { Kv } from './kv/kv'
import { openKv } from './kv/open'
import { checkCanary } from './lib/canary'
import { createChanges, type Changes } from './lib/changes'
import { systemClock, type Clock } from './lib/clock'
import { newId } from './lib/id'
import { createInstances, type Instances } from './lib/instances'
import { createLogger, type Logger } from './lib/logger'
import { createMailer } from './lib/mailer'
import { createOutbound } from './lib/outbound'
import { createRowBuffer, type RowBuffer } from './lib/row-buffer'
import { createSealer, type Sealer } from './lib/seal'
import { deriveKey, loadSecretKey } from './lib/secret-key'
import { createSync } from './lib/sync'
import { createTaskRunner, type TaskRunner } from './lib/task-runner'
import { openLimits } from './limits/open'
import { openLive, openRunning, type Live } from './live/open'
import { createNotifications } from './notifications/index'
import { channelKinds } from './notifications/kinds/index'
import { createSender } from './notifications/sender'
import { createCall } from './relay/call'
import type { FrontDeps } from './relay/front'
import { openRelay } from './relay/open'
import { createPools } from './relay/pools'
import { createProbe, type Probe } from './relay/probe'
import { createInFlight } from './scheduler/in-flight'
import { createMissingModels } from './scheduler/missing-models'
import { createRooms, type Rooms } from './scheduler/rooms'
import { schedule } from './schedule'
import { createServices, type Services } from './services'
import { createSettings } from './settings/service'
import { createSystemView } from './stats/system'
import { followTimeZone } from './stats/time-zone'
import { createAudit } from './users/audit'
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
  /** Rows of the API's own log. */
  accessRows: RowBuffer<ApiLogRow>
  services: Services
  keys: KeyDirectory
  pool: AccountDirectory
  prices: PriceDirectory
  repricer: Repricer
  journal: Journal
  ledger: Ledger
  relay: FrontDeps
  clientIp: FrontDeps['clientIp']
  probe: Probe
  states: AccountStates
  rooms: Rooms
  tasks: TaskRunner
  live: Live
  system: ReturnType<typeof createSystemView>
  instances: Instances
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
  /** Of the thread that estimates tokens. */
  estimateWorkerUrl: URL
  /** Default: the system's. The demo makes its history by one that runs ahead. */
  clock?: Clock
  readMigration(dialect: 'sqlite' | 'mysql', path: string): Promise<string | null>
}

const WINDOWS_PERIOD_MS = 5_000

/** Brings up stores, books and the relay, in the order in which they need each other. */
export async function boot({ config, workerUrl, estimateWorkerUrl, readMigration, clock = systemClock }: BootOptions): Promise<Runtime> {
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
  // Several processes can only share a MySQL database. Before the views are loaded, so that they miss no change.
  const sync = store.dialect === 'mysql' ? createSync({ changes, repo: repos.changes, kv, instanceId, logger }) : null
  await sync?.start()
  const accessRows = createRowBuffer({ write: repos.apiLogs.insert, logger, what: 'access rows' })
  const settings = createSettings({
    repos, changes, clock, audit: createAudit({ repos, clock }),
    given: { logMonths: config.LOG_RETENTION_MONTHS ?? null, timeZone: config.timeZone, publicUrl: config.PUBLIC_URL ?? null, mail: config.smtp !== null, demo: demoAccess(config) },
  })
  await settings.load()
  const outbound = createOutbound({ loopbackOnly: config.DEMO })
  const prices = createPriceDirectory({ prices: repos.prices, changes, clock, logger })
  await prices.load()
  const repricer = createRepricer({ unpriced: repos.unpriced, prices, clock, timeZone: config.timeZone, logger })
  const journalDir = join(config.dataDir, 'journal')
  const journal = await openJournal({ dir: journalDir, instanceId, logger })
  const counted = openLimits({ kv, repos, journal, prices, clock, logger, timeZone: config.timeZone, isShared: store.dialect === 'mysql' })
  repricer.onRepriced(counted.adopted)
  let live: Live | null = null
  const ledger = createLedger({ dir: journalDir, journal, repos, prices, clock, timeZone: config.timeZone, logger, onRecovered: counted.adopted, onRows: rows => live?.booked(rows) })
  await followTimeZone({ repos, clock, logger, timeZone: config.timeZone, retentionMonths: settings.current.retention.logMonths })
  await ledger.recover()
  ledger.start()

  const admin = await ensureAdmin({ repos, clock, config })
  const sender = createSender({
    repos, sealer, clock, logger, outbound, kinds: channelKinds, mailer: config.smtp && createMailer(config.smtp), timeZone: config.timeZone, publicUrl: config.PUBLIC_URL ?? null,
  })
  const notifications = createNotifications({
    repos, kv, clock, logger, sender, timeZone: config.timeZone, taskNames: () => works.map(({ name }) => name),
    journal: { pendingBytes: () => journal.pendingBytes(), thresholdBytes: config.JOURNAL_ALERT_BYTES, host: hostname() },
  })
  const pools = createPools({ connectTimeoutMs: config.CONNECT_TIMEOUT_MS, loopbackOnly: config.DEMO })
  const call = createCall(pools)
  const firstUse = createFirstUse({ repo: repos.apiKeys, changes, clock, logger })
  const keys = createKeyDirectory({ repos, changes, clock, logger, firstUse, onCostLimit: counted.onCostLimit })
  const announce = (id: string): Promise<void> => changes.announce('account', id)
  const states = createAccountStates({ repos, clock, logger, announce: id => announce(id).then(notifications.soon) })
  const windows = createWindowKeeper({ repos, clock, logger, announce, periodMs: WINDOWS_PERIOD_MS })
  const pending = openPendingTokens({ dir: join(config.dataDir, 'tokens'), logger })
  const pool = createAccountDirectory({ repos, changes, sealer, logger, states, pending, baseUrls: { claude: config.CLAUDE_API_BASE_URL }, onChanged: counted.onAccount })
  const rooms = createRooms({ kv, clock, logger })
  const inFlight = await createInFlight({ kv, rooms, instanceId, clock, logger })
  const running = await openRunning({ kv, instanceId, clock, logger })
  const missing = createMissingModels(clock)
  changes.on('account', missing.forget)
  const services = createServices({
    repos, clock, sealer, changes, logger, config, settings, kv, sender, prices, outbound, pool, keys, rooms, missing, inFlight, running: running.of, call, codeKey: deriveKey(secret, 'codes'),
    repriceSoon: () => repricer.soon(() => tasks.run('prices:reprice')),
  })
  await Promise.all([keys.load(), pool.load()])
  const tokens = createTokens({ repos, pool, changes, sealer, states, pending, endpoints: config.claudeOAuth, call, kv, alone: store.dialect === 'sqlite', clock, logger })
  await tokens.storePending()
  await counted.start(pool)

  const relay = await openRelay({
    config, repos, kv, clock, logger, instanceId, estimateWorkerUrl, keys, pool, states, missing, tokens, windows, rooms, pools, call, turn: new JournalTurn({ journal, logger }), prices, counted, running: running.here,
    readUsage: createRelayUsage({ repos, clock, timeZone: config.timeZone }),
    soonestResetFirst: () => settings.current.scheduling.soonestResetFirst,
  })

  const probe = createProbe({ pools, pool, tokens, clock, timeoutMs: Math.min(config.FIRST_BYTE_TIMEOUT_MS, 30_000) })
  live = await openLive({ repos, pool, inFlight, running: running.of, endings: services.sessions.endings, kv, instanceId, clock, logger })
  const instances = createInstances({ repo: repos.instances, self: { id: instanceId, host: hostname(), pid: process.pid, version, startedAt: clock.now() }, logger })
  const works = scheduledWorks({ repos, pool, states, tokens, probe, ledger, repricer, instances, notifications, clock, logger, timeZone: config.timeZone, retentionMonths: () => settings.current.retention.logMonths })
  const tasks = createTaskRunner({ works, leases: repos.leases, runs: repos.taskRuns, instanceId, logger })
  await instances.start()
  notifications.start()

  return {
    config, logger, clock, instanceId, version, store, repos, kv, sealer, changes, accessRows, services, keys, pool, prices, repricer, journal, ledger, relay: relay.deps, clientIp: relay.deps.clientIp,
    probe, states, rooms, tasks, instances, live,
    system: createSystemView({ repos, tasks, living: instances.living, schedule, journal, kv, database: store.dialect, instanceId, version, timeZone: config.timeZone, clock }),
    sessionPassword: config.SESSION_SECRET ?? deriveKey(secret, 'session'),
    ending: false,
    firstAdmin: admin?.password ? { username: admin.username, password: admin.password } : null,
    async stop() {
      await live?.stop()
      await tasks.stop()
      firstUse.stop()
      await counted.stop()
      rooms.stop()
      await relay.stop()
      await inFlight.stop()
      await running.stop()
      await tokens.stop()
      await pools.close()
      await states.stop()
      await windows.stop()
      await notifications.stop()
      await services.outbox.stop()
      await outbound.close()
      await accessRows.stop()
      await sync?.stop()
      await instances.stop()
      await ledger.stop()
      await journal.close()
      await kv.close()
      await store.close()
    },
  }
}

/** What the sign-in page of a demo shows: readConfig sees to it that there is a password. */
function demoAccess({ DEMO, DEFAULT_ADMIN_USERNAME: username, DEFAULT_ADMIN_PASSWORD: password }: Config): { username: string, password: string } | null {
  return DEMO && password !== undefined ? { username, password } : null
}
