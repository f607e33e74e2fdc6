import { endOfPeriod, spansOf } from '#shared/utils/period'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { PoolAccount } from '../platforms/platform'
import { accountSubject } from './retained'
import type { Spending } from './spending'

export interface BudgetsDeps {
  kv: Kv
  spending: Spending
  accounts(): readonly PoolAccount[]
  clock: Clock
  logger: Logger
  timeZone: string
}

const LOOK_MS = 2_000

/**
 * Keeps on each account with a daily limit what its day has cost, so that choosing needs no store trip: looked up after each own
 * request that cost something, and every two seconds for what other instances spent.
 */
export class Budgets {
  readonly #timer: NodeJS.Timeout
  readonly #looking = new Map<string, Promise<void>>()

  constructor(private readonly deps: BudgetsDeps) {
    this.#timer = setInterval(() => this.lookAtAll(), LOOK_MS).unref()
  }

  lookAtAll(): void {
    for (const account of this.deps.accounts()) if (account.dailyLimitNano !== null) void this.look(account)
  }

  /** Resolves once the account knows what its day has cost. Never rejects: while the books can't be read the last known sum holds. */
  look(account: PoolAccount): Promise<void> {
    const running = this.#looking.get(account.id)
    if (running) return running
    const started = this.#read(account)
      .catch((error: unknown) => this.deps.logger.warn({ err: error, accountId: account.id }, 'what an account has cost today cannot be read right now'))
      .finally(() => this.#looking.delete(account.id))
    this.#looking.set(account.id, started)
    return started
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #read(account: PoolAccount): Promise<void> {
    const { kv, spending, clock, timeZone } = this.deps
    const subject = accountSubject(account.id)
    const now = clock.now()
    const spans = spansOf(now, timeZone)
    let spent = await kv.claims.read(subject, spans)
    if ('ticket' in spent) {
      await spending.build(subject, spent.ticket)
      spent = await kv.claims.read(subject, spans)
    }
    // Dropped meanwhile: the next look builds it.
    if ('ticket' in spent) return
    spending.heard(subject, spent.local)
    account.spent = { nano: spent.day, until: endOfPeriod('day', now, timeZone) }
  }
}
