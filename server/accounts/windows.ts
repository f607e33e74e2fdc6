import { z } from 'zod'
import type { UsageWindow, UsageWindows } from '#shared/types/usage-window'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { parseColumn } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import { platformOf } from '../platforms/index'
import type { PoolAccount } from '../platforms/platform'

const column = z.union([
  z.strictObject({}).transform(() => null),
  z.object({
    at: z.int(),
    windows: z.array(z.object({ id: z.string(), used: z.number().nullable(), resetsAt: z.number().nullable(), status: z.string().nullable() })),
  }),
])

/** The windows that a row keeps. Throws when its JSON is broken. */
export const windowsOf = (row: { windows: string }): UsageWindows | null => parseColumn(column, row.windows, 'accounts.windows')

/** Takes in what answers tell of usage windows: known here at once, written and told to the other instances every few seconds. */
export interface WindowKeeper {
  note(account: PoolAccount, rawHeaders: readonly string[]): void
  stop(): Promise<void>
}

export interface WindowKeeperDeps {
  repos: { accounts: Pick<Repos['accounts'], 'update'> }
  clock: Clock
  logger: Logger
  /** Tells other instances that the row changed. */
  announce(accountId: string): Promise<void>
  periodMs: number
}

/** A change of use below this is not worth a write. */
const STEP = 0.005

export function createWindowKeeper({ repos, clock, logger, announce, periodMs }: WindowKeeperDeps): WindowKeeper {
  const changed = new Map<string, PoolAccount>()
  /** What was last found worth a write: small steps add up to one. */
  const noted = new Map<string, readonly UsageWindow[]>()

  async function flush(): Promise<void> {
    const accounts = [...changed.values()]
    changed.clear()
    for (const account of accounts) {
      try {
        await repos.accounts.update(account.id, { windows: JSON.stringify(account.windows ?? {}) })
        await announce(account.id)
      }
      catch (error) {
        changed.set(account.id, account)
        logger.warn({ err: error, accountId: account.id }, 'usage windows of an account could not be written')
      }
    }
  }
  const timer = setInterval(() => void flush(), periodMs)
  timer.unref()

  return {
    note(account, rawHeaders) {
      const now = clock.now()
      const told = platformOf(account.platform).windows?.(rawHeaders, now) ?? []
      if (told.length === 0) return
      const before = account.windows?.windows ?? []
      const windows = merged(before, told, now)
      account.windows = { at: now, windows }
      if (!differs(noted.get(account.id) ?? before, windows)) return
      noted.set(account.id, windows)
      changed.set(account.id, account)
    },
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}

/** What is told replaces what was known of the same window; windows that were not told again stay until their reset. */
function merged(before: readonly UsageWindow[], told: readonly UsageWindow[], now: number): UsageWindow[] {
  const kept = before.filter(({ id, resetsAt }) => (resetsAt ?? 0) > now && !told.some(window => window.id === id))
  return [...told, ...kept].sort((a, b) => a.id.localeCompare(b.id))
}

function differs(a: readonly UsageWindow[], b: readonly UsageWindow[]): boolean {
  return a.length !== b.length || a.some((one, at) => {
    const other = b[at]!
    return one.id !== other.id || one.resetsAt !== other.resetsAt || one.status !== other.status || Math.abs((one.used ?? -1) - (other.used ?? -1)) >= STEP
  })
}
