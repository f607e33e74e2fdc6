import type { AccountDirectory } from '../accounts/directory'
import type { Journal } from '../billing/journal'
import type { PriceBook } from '../billing/prices'
import type { Repos } from '../db/repos/index'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { PoolAccount } from '../platforms/platform'
import { Admission } from './admission'
import { Budgets } from './budgets'
import { Estimates } from './estimates'
import { accountSubject, keySubject } from './retained'
import { Spending } from './spending'

export interface LimitsDeps {
  kv: Kv
  repos: Pick<Repos, 'spend'>
  journal: Journal
  prices: PriceBook
  clock: Clock
  logger: Logger
  timeZone: string
  /** Do other processes book into the same database? */
  isShared: boolean
}

/** The counted limits of keys and accounts, and what feeds them. */
export function openLimits(deps: LimitsDeps) {
  const { repos, clock, logger, timeZone } = deps
  const kv = inZone(deps.kv, timeZone)
  const spending = new Spending({ ...deps, kv, repo: repos.spend })
  const admission = new Admission({ kv, spending, estimates: new Estimates(deps.prices), clock, logger, timeZone })
  let budgets: Budgets | null = null

  async function follow(account: PoolAccount, atStart: boolean): Promise<void> {
    const isLimited = account.dailyLimitNano !== null
    spending.limit(accountSubject(account.id), isLimited, atStart)
    if (isLimited) await budgets?.look(account)
  }

  return {
    spending,
    admission,
    adopted: (rows: Parameters<Spending['adopted']>[0]): void => spending.adopted(rows),
    onCostLimit: (keyId: string, isLimited: boolean, atStart: boolean): void => spending.limit(keySubject(keyId), isLimited, atStart),

    /** Resolves once a changed account knows what its day has cost. */
    onAccount: (account: PoolAccount): Promise<void> => follow(account, false),

    /** Once the accounts are loaded: those with a limit know what their day has cost when this resolves. */
    async start(pool: Pick<AccountDirectory, 'all' | 'get'>): Promise<void> {
      budgets = new Budgets({ kv, spending, accounts: () => pool.all(), clock, logger, timeZone })
      spending.onCounted((subject) => {
        const account = subject.startsWith('account:') ? pool.get(subject.slice('account:'.length)) : undefined
        if (account) void budgets?.look(account)
      })
      await Promise.all(pool.all().map(account => follow(account, true)))
      await admission.start()
    },
    async stop(): Promise<void> {
      budgets?.stop()
      await admission.stop()
    },
  }
}

/** Days are those of a zone: another zone after a restart has counters of its own. */
function inZone(kv: Kv, timeZone: string): Kv {
  const { claims } = kv
  const name = (subject: string): string => `${timeZone}:${subject}`
  return {
    ...kv,
    claims: {
      take: claim => claims.take({ ...claim, subject: name(claim.subject) }),
      keep: (subject, ...rest) => claims.keep(name(subject), ...rest),
      count: (subject, count) => claims.count(name(subject), count),
      build: (subject, ...rest) => claims.build(name(subject), ...rest),
      drop: subject => claims.drop(name(subject)),
      read: (subject, spans) => claims.read(name(subject), spans),
    },
  }
}

export type OpenLimits = ReturnType<typeof openLimits>
