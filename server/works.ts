import { recoverAccounts } from './accounts/recover'
import type { AccountDirectory } from './accounts/directory'
import type { AccountStates } from './accounts/states'
import type { Ledger } from './billing/ledger'
import type { Repos } from './db/repos/index'
import type { Clock } from './lib/clock'
import type { ScheduledWork } from './lib/task-runner'
import type { Probe } from './relay/probe'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const API_LOG_DAYS = 30
const RUN_DAYS = 30

export interface WorksDeps {
  repos: Repos
  pool: AccountDirectory
  states: AccountStates
  probe: Probe
  ledger: Ledger
  clock: Clock
  retentionMonths: number
}

/** All scheduled work; the Nitro tasks of the same names start it. Every piece may run again at any time. */
export const scheduledWorks = ({ repos, pool, states, probe, ledger, clock, retentionMonths }: WorksDeps): ScheduledWork[] => [
  { name: 'accounts:recover', everyMs: MINUTE, lockMs: 5 * MINUTE, run: () => recoverAccounts({ pool, states, probe, clock }) },
  {
    name: 'ledger:adopt', everyMs: 5 * MINUTE, lockMs: 30 * MINUTE,
    async run() {
      await ledger.recover()
      return 'journals of ended processes are booked'
    },
  },
  {
    name: 'logs:prune', everyMs: DAY, lockMs: 60 * MINUTE,
    async run() {
      const now = clock.now()
      const logs = await all(() => repos.prune.logs(monthsBefore(now, retentionMonths)))
      const apiLogs = await all(() => repos.prune.apiLogs(now - API_LOG_DAYS * DAY))
      const runs = await repos.taskRuns.prune(now - RUN_DAYS * DAY)
      const sessions = await repos.sessions.removeExpired(now)
      return `${logs} requests, ${apiLogs} access rows, ${runs} task runs, ${sessions} sessions removed`
    },
  },
]

async function all(batch: () => Promise<number>): Promise<number> {
  let sum = 0
  for (let count = await batch(); count > 0; count = await batch()) sum += count
  return sum
}

function monthsBefore(now: number, months: number): number {
  const date = new Date(now)
  date.setUTCMonth(date.getUTCMonth() - months)
  return date.getTime()
}
