import { createAccountsService } from './accounts/service'
import type { Config } from './config'
import type { Repos } from './db/repos/index'
import { createGroupsService } from './groups/service'
import { createKeysService } from './keys/service'
import type { Kv } from './kv/kv'
import type { Changes } from './lib/changes'
import type { Clock } from './lib/clock'
import type { Logger } from './lib/logger'
import type { Sealer } from './lib/seal'
import { platforms } from './platforms/index'
import { createLogsService } from './stats/logs'
import { publicSettings } from './stats/public-settings'
import { createAudit } from './users/audit'
import { createUsersService } from './users/service'
import { createSessions } from './users/sessions'

export interface ServicesDeps {
  repos: Repos
  kv: Kv
  clock: Clock
  sealer: Sealer
  changes: Changes
  logger: Logger
  config: Config
}

/** What people can do, free of HTTP: every call names who does it and proves what they may. */
export function createServices({ repos, kv, clock, sealer, changes, logger, config }: ServicesDeps) {
  const audit = createAudit({ repos, clock })
  const sessions = createSessions({ repos, clock, changes, logger })
  return {
    sessions,
    users: createUsersService({ repos, kv, clock, changes, audit, sessions }),
    groups: createGroupsService({ repos, clock, changes, audit }),
    accounts: createAccountsService({ repos, clock, changes, sealer, audit, platforms }),
    keys: createKeysService({ repos, clock, changes, sealer, audit }),
    logs: createLogsService({ repos, clock }),
    /** What every visitor may know of this installation. */
    publicSettings: () => publicSettings(repos, config),
  }
}

export type Services = ReturnType<typeof createServices>
