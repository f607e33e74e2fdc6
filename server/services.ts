import type { AccountDirectory } from './accounts/directory'
import { createAccountInsight } from './accounts/insight'
import { createLiveFacts } from './accounts/live'
import { createAccountsService } from './accounts/service'
import { knownModels } from './billing/known-models'
import type { PriceDirectory } from './billing/price-directory'
import { createPriceImport } from './billing/price-import/service'
import { createPricesService } from './billing/price-service'
import { createSignIns } from './accounts/sign-in'
import type { Config } from './config'
import type { Repos } from './db/repos/index'
import { createDissolve } from './groups/dissolve'
import { createGroupsService } from './groups/service'
import { createKeyQuery } from './key-query/service'
import type { KeyDirectory } from './keys/directory'
import { createKeysService } from './keys/service'
import { createSharesService } from './keys/shares'
import type { Kv } from './kv/kv'
import type { Changes } from './lib/changes'
import type { Clock } from './lib/clock'
import type { Logger } from './lib/logger'
import type { Outbound } from './lib/outbound'
import type { Sealer } from './lib/seal'
import type { Sender } from './notifications/sender'
import { createChannelsService } from './notifications/service'
import { platforms } from './platforms/index'
import type { InFlight } from './scheduler/in-flight'
import type { MissingModels } from './scheduler/missing-models'
import type { Rooms } from './scheduler/rooms'
import type { Call } from './relay/call'
import type { SettingsService } from './settings/service'
import { createExports } from './stats/exports'
import { createLogsService } from './stats/logs'
import { createOverview } from './stats/overview'
import { createStatisticsService } from './stats/statistics'
import { createStatus } from './stats/status'
import { createUserAdmin } from './users/admin'
import { createAudit } from './users/audit'
import { createAuditLog } from './users/audit-log'
import { createCodeRequests } from './users/code-requests'
import { createCodes } from './users/codes'
import { createInvites } from './users/invites'
import { createOutbox } from './users/outbox'
import { createProfile } from './users/profile'
import { createRegistration } from './users/registration'
import { createUsersService } from './users/service'
import { createSessions } from './users/sessions'
import { createThrottle } from './users/throttle'

export interface ServicesDeps {
  repos: Repos
  kv: Kv
  clock: Clock
  sealer: Sealer
  changes: Changes
  logger: Logger
  config: Config
  settings: SettingsService
  sender: Sender
  prices: PriceDirectory
  outbound: Outbound
  /** Hashes the codes that go out by mail. */
  codeKey: string
  /** Prices rows that had no price, in the background. */
  repriceSoon: () => void
  pool: AccountDirectory
  keys: KeyDirectory
  rooms: Rooms
  missing: MissingModels
  inFlight: Pick<InFlight, 'of'>
  /** Requests that run now, of one user or of all. */
  running: (userId: string | undefined) => number
  /** Speaks to the upstreams' sign-in. */
  call: Call
}

/** What people can do, free of HTTP: every call names who does it and proves what they may. */
export function createServices({ repos, kv, clock, sealer, changes, logger, config, settings, sender, prices, outbound, codeKey, repriceSoon, pool, keys, rooms, missing, inFlight, running, call }: ServicesDeps) {
  const audit = createAudit({ repos, clock })
  const live = createLiveFacts({ pool, inFlight })
  const sessions = createSessions({ repos, clock, changes, logger })
  const throttle = createThrottle({ kv, clock })
  const codes = createCodes({ repos, clock, throttle, codeKey })
  const outbox = createOutbox({ mailer: sender.mailer, settings, logger })
  const accounts = createAccountsService({ repos, clock, changes, sealer, audit, platforms, live, timeZone: config.timeZone })
  const statistics = createStatisticsService({ repos, clock, timeZone: config.timeZone })
  const keyService = createKeysService({ repos, clock, changes, sealer, audit, timeZone: config.timeZone })
  const groups = createGroupsService({ repos, clock, changes, audit })
  return {
    sessions,
    users: createUsersService({ repos, clock, changes, audit, sessions, throttle, codes, outbox }),
    userAdmin: createUserAdmin({ repos, clock, changes, audit, sessions, outbox }),
    profile: createProfile({ repos, clock, changes, audit, sessions, throttle, codes, outbox }),
    requestCode: createCodeRequests({ repos, settings, codes, outbox }),
    registration: createRegistration({ repos, clock, changes, audit, settings, sessions, throttle, codes }),
    invites: createInvites({ repos, clock, audit }),
    outbox,
    groups,
    dissolveGroup: createDissolve({ repos, groups, accounts, keys: keyService }),
    accounts,
    auditLog: createAuditLog({ repos }),
    insight: createAccountInsight({ repos, clock, pool, keys, rooms, missing, live }),
    signIns: createSignIns({ repos, kv, clock, sealer, platforms, accounts, endpoints: config.claudeOAuth, call }),
    settings,
    keys: keyService,
    shares: createSharesService({ repos, clock, audit }),
    keyQuery: createKeyQuery({ repos, keys, sealer, throttle, logger, clock, timeZone: config.timeZone }),
    prices: createPricesService({ repos, clock, changes, audit, directory: prices, repriceSoon }),
    priceImport: createPriceImport({ prices, outbound }),
    logs: createLogsService({ repos, clock }),
    statistics,
    overview: createOverview({ repos, statistics, pool, running, clock, timeZone: config.timeZone }),
    status: createStatus({ repos, pool, missing, knownModels, clock, shown: () => settings.current.statusPage.shown }),
    exports: createExports({ repos, keys: keyService, clock, timeZone: config.timeZone }),
    channels: createChannelsService({ repos, kv, clock, sealer, changes, audit, sender }),
  }
}

export type Services = ReturnType<typeof createServices>
