import type { ClosedRequest } from '#shared/types/log'
import type { AccountDirectory } from '../accounts/directory'
import { createLiveFacts } from '../accounts/live'
import type { Repos } from '../db/repos/index'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { createInFlight, type InFlight } from '../scheduler/in-flight'
import { createAccountWatch } from './account-watch'
import { shareBookedRows } from './booked-rows'
import { createLiveFeed, type LiveFeed } from './feed'
import { createTally, type Tally } from './running'

export interface Running {
  /** Of this instance. */
  here: Tally
  /** Over all instances, of one user or of all. */
  of(userId: string | undefined): number
  stop(): Promise<void>
}

/** Requests that run, by the owner of their key. */
export async function openRunning(deps: { kv: Kv, instanceId: string, clock: Clock, logger: Logger }): Promise<Running> {
  const here = createTally()
  const shared = await createInFlight({ ...deps, rooms: here, channel: 'running' })
  return { here, of: userId => (userId === undefined ? shared.total() : shared.of(userId)), stop: () => shared.stop() }
}

export interface Live extends Pick<LiveFeed, 'open' | 'state'> {
  /** Rows that this instance booked just now. */
  booked(rows: readonly ClosedRequest[]): void
  stop(): Promise<void>
}

export interface OpenLiveDeps {
  repos: Pick<Repos, 'accounts'>
  pool: AccountDirectory
  inFlight: Pick<InFlight, 'of'>
  running: Running['of']
  endings(): number
  kv: Kv
  instanceId: string
  clock: Clock
  logger: Logger
}

/** The live feed with what it hears of this instance and of the others. */
export async function openLive({ repos, pool, inFlight, running, endings, kv, instanceId, clock, logger }: OpenLiveDeps): Promise<Live> {
  const accounts = createAccountWatch({ pool, repos, live: createLiveFacts({ pool, inFlight }) })
  // Before anybody looks: what is not known yet would be told as never used.
  await accounts.readUse()
  const feed = createLiveFeed({ accounts, running, endings, clock, logger })
  const rows = await shareBookedRows({ kv, instanceId, logger, onRows: feed.rows })
  return {
    open: feed.open,
    state: feed.state,
    booked: rows.booked,
    async stop() {
      feed.stop()
      await rows.stop()
    },
  }
}
