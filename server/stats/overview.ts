import { statsBreakdownSchema, statsSummarySchema, statsTrendSchema, type BreakdownKind, type StatsBreakdownQuery } from '#shared/schemas/stats'
import type { AccountTally, StatsOverviewView, StatsRankingRow } from '#shared/types/stats'
import type { AccountDirectory } from '../accounts/directory'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import type { PoolAccount } from '../platforms/platform'
import type { Actor } from '../users/actor'
import { amountsOf, noTotals } from './amounts'
import { previousOf, rangeOf } from './range'
import type { StatisticsService } from './statistics'

const DAYS = 30
const MODELS = 6
const RANKS = 5
const WINDOWS = 8
const FIRST_DAY = '0001-01-01'
const LAST_DAY = '9999-12-31'

export interface OverviewDeps {
  repos: Pick<Repos, 'usage' | 'counts' | 'accounts'>
  statistics: StatisticsService
  pool: Pick<AccountDirectory, 'all'>
  /** Requests that run now, of one user or of all. */
  running(userId: string | undefined): number
  clock: Clock
  timeZone: string
}

/** The dashboard in one answer: roll-ups and what is in memory, never log rows. */
export function createOverview({ repos, statistics, pool, running, clock, timeZone }: OverviewDeps) {
  /** The largest of a kind with what each came to in the 30 days before. */
  async function ranking(actor: Actor, userId: string | undefined, by: 'account' | 'key', query: StatsBreakdownQuery): Promise<StatsRankingRow[]> {
    const { items } = await statistics.breakdown(actor, query)
    const named = items.filter(({ id }) => id !== '')
    const { from, to } = previousOf(rangeOf(query, clock.now(), timeZone), clock.now(), timeZone)
    const before = await repos.usage.of(by, { from, to, userId }, named.map(({ id }) => id))
    return named.map(row => ({ ...row, previous: amountsOf(before.get(row.id) ?? noTotals()) }))
  }

  return async function overview(actor: Actor): Promise<StatsOverviewView> {
    const now = clock.now()
    const owner = actor.role === 'admin' ? undefined : actor.id
    const breakdown = (by: BreakdownKind, sort: 'cost' | 'requests', limit: number) => statsBreakdownSchema.parse({ days: DAYS, by, sort, limit })
    const scope = owner === undefined ? { scope: 'all' as const, scopeId: '' } : { scope: 'user' as const, scopeId: owner }
    const accounts = pool.all().filter(({ ownerId }) => owner === undefined || ownerId === owner)

    const [users, keys, total, day, trend, models, byAccount, byKey, used] = await Promise.all([
      owner === undefined ? repos.counts.users() : null,
      repos.counts.keys(owner),
      repos.usage.daily({ ...scope, fromDay: FIRST_DAY, toDay: LAST_DAY }),
      statistics.summary(actor, statsSummarySchema.parse({ days: 1 })),
      statistics.trend(actor, statsTrendSchema.parse({ days: DAYS, by: 'day' })),
      statistics.breakdown(actor, breakdown('model', 'cost', MODELS)),
      ranking(actor, owner, 'account', breakdown('account', 'cost', RANKS)),
      ranking(actor, owner, 'key', breakdown('key', 'requests', RANKS)),
      repos.accounts.lastUsed(accounts.map(({ id }) => id)),
    ])
    const answered = total.requests > total.errors
    return {
      at: now,
      timeZone,
      counts: { users, keys: { total: keys.total, enabled: keys.enabled }, accounts: { total: accounts.length, enabled: accounts.filter(({ enabled }) => enabled).length } },
      total: amountsOf(total),
      today: day.current,
      yesterday: day.previous,
      trend: trend.items,
      models: { items: models.items, others: models.others, total: models.total },
      accounts: byAccount,
      keys: byKey,
      states: tallyOf(accounts),
      windows: windowsOf(accounts, now),
      running: running(owner),
      steps: {
        account: accounts.length > 0,
        test: answered || [...used.values()].some(at => at !== null),
        key: keys.total > 0,
        settings: keys.used > 0,
        request: answered,
      },
    }
  }
}

export type Overview = ReturnType<typeof createOverview>

function tallyOf(accounts: readonly PoolAccount[]): AccountTally {
  const tally: AccountTally = { normal: 0, limited: 0, cooling: 0, abnormal: 0, disabled: 0 }
  for (const { enabled, state } of accounts) tally[enabled ? state.name : 'disabled'] += 1
  return tally
}

/** Windows that are not over, the fullest first. */
function windowsOf(accounts: readonly PoolAccount[], now: number): StatsOverviewView['windows'] {
  return accounts
    .flatMap(({ id, name, enabled, windows }) => (enabled ? windows?.windows ?? [] : []).map(window => ({ accountId: id, accountName: name, window })))
    .filter(({ window }) => window.used !== null && (window.resetsAt ?? 0) > now)
    .sort((a, b) => (b.window.used ?? 0) - (a.window.used ?? 0) || a.accountName.localeCompare(b.accountName))
    .slice(0, WINDOWS)
}
