import { setTimeout as delay } from 'node:timers/promises'
import { refreshTokens } from './accounts/refresh'
import { recoverAccounts } from './accounts/recover'
import type { AccountDirectory } from './accounts/directory'
import type { AccountStates } from './accounts/states'
import type { Tokens } from './accounts/tokens'
import type { Ledger } from './billing/ledger'
import type { Repricer } from './billing/reprice'
import type { Notifications } from './notifications/index'
import type { Repos } from './db/repos/index'
import type { Clock } from './lib/clock'
import type { Instances } from './lib/instances'
import type { Logger } from './lib/logger'
import type { ScheduledWork } from './lib/task-runner'
import type { Probe } from './relay/probe'
import { prune, retentionStart } from './stats/retention'
import { verificationText, verifyRollUps } from './stats/verify'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface WorksDeps {
  repos: Repos
  pool: AccountDirectory
  states: AccountStates
  tokens: Tokens
  probe: Probe
  ledger: Ledger
  repricer: Repricer
  instances: Instances
  notifications: Notifications
  clock: Clock
  logger: Logger
  timeZone: string
  retentionMonths(): number
}

/** All scheduled work; the Nitro tasks of the same names start it. Every piece may run again at any time. */
export function scheduledWorks({ repos, pool, states, tokens, probe, ledger, repricer, instances, notifications, clock, logger, timeZone, retentionMonths }: WorksDeps): ScheduledWork[] {
  const retainedFrom = () => retentionStart(clock.now(), retentionMonths(), timeZone)
  return [
    { name: 'accounts:recover', everyMs: MINUTE, run: signal => recoverAccounts({ pool, states, probe, clock, signal }) },
    { name: 'accounts:refresh-tokens', everyMs: MINUTE, run: () => refreshTokens({ pool, tokens, clock }) },
    { name: 'notifications:check', everyMs: MINUTE, run: () => notifications.run() },
    {
      name: 'ledger:adopt', everyMs: 5 * MINUTE,
      async run() {
        await ledger.recover()
        return 'journals of ended processes are booked'
      },
    },
    { name: 'prices:reprice', everyMs: 5 * MINUTE, run: async () => `${await repricer.run()} rows got a price` },
    {
      name: 'logs:prune', everyMs: DAY,
      run: signal => prune({ repos, instances, clock, rest: delay, logsBefore: retainedFrom(), signal }),
    },
    {
      name: 'stats:verify', everyMs: DAY,
      run: async signal => verificationText(await verifyRollUps({ repos, clock, timeZone, logger, retainedFrom, rest: delay, signal })),
    },
  ]
}
