import type { AccountEventsQuery, AccountWhyQuery } from '#shared/schemas/account'
import type { ListOf } from '#shared/types/api'
import type { AccountEventView, AccountPosition, AccountWhyView } from '#shared/types/insight'
import type { AccountEventRow, EventPosition } from '../db/repos/account-events'
import type { AccountRow } from '../db/repos/accounts'
import type { GroupRow } from '../db/repos/groups'
import type { Repos } from '../db/repos/index'
import type { KeyDirectory } from '../keys/directory'
import type { Clock } from '../lib/clock'
import { invalidField, notFound } from '../lib/errors'
import type { PoolAccount } from '../platforms/platform'
import { probeModel } from '../relay/probe'
import { sift } from '../scheduler/choose'
import type { MissingModels } from '../scheduler/missing-models'
import type { Refusal, Rooms } from '../scheduler/rooms'
import { explainPool, type Explanation } from '../scheduler/why'
import { requireOwned, type Actor } from '../users/actor'
import type { AccountDirectory } from './directory'
import type { LiveFacts } from './live'

export interface InsightDeps {
  repos: Repos
  clock: Clock
  pool: AccountDirectory
  keys: KeyDirectory
  rooms: Pick<Rooms, 'look'>
  missing: Pick<MissingModels, 'lacks'>
  live: LiveFacts
}

/** Why accounts are as they are: what the scheduler makes of them now, and what happened to them. */
export function createAccountInsight({ repos, clock, pool, keys, rooms, missing, live }: InsightDeps) {
  const require = async (actor: Actor, id: string): Promise<AccountRow> => requireOwned(actor, await repos.accounts.get(id), 'account')
  const sees = (actor: Actor, { ownerId }: PoolAccount): boolean => actor.role === 'admin' || ownerId === actor.id

  function position(actor: Actor, { account, position, share, reasons }: Explanation): AccountPosition {
    const { id, name, priority, weight, maxConcurrency } = account
    return { accountId: id, name: sees(actor, account) ? name : null, position, share, reasons, priority, weight, maxConcurrency, inFlight: live.of(id).inFlight }
  }

  /** Every account of the pool with what would become of it. */
  async function explain(candidates: readonly PoolAccount[], model: string): Promise<Explanation[]> {
    const wanted = { model, tried: new Set<string>(), lacks: missing.lacks, now: clock.now() }
    const refusals = new Map<string, Refusal>()
    await Promise.all(sift(candidates, wanted).fit.map(async (account) => {
      const refusal = await rooms.look(account)
      if (refusal) refusals.set(account.id, refusal)
    }))
    return explainPool(candidates, wanted, refusals)
  }

  /** The pool that the request would choose from: that of the key, else of a key that may use this account. `open`: its keys are admitted. */
  async function poolOf(actor: Actor, account: PoolAccount, group: GroupRow | null, keyId: string | undefined): Promise<{ accounts: readonly PoolAccount[], open: boolean }> {
    if (keyId === undefined) return { accounts: pool.members(account.groupId), open: group?.enabled ?? true }
    const key = requireOwned(actor, await repos.apiKeys.get(keyId), 'key')
    const principal = keys.get(key.id)
    return principal ? { accounts: pool.candidates(principal), open: principal.group?.enabled ?? true } : { accounts: [], open: true }
  }

  return {
    /** What the scheduler would do with the account now, for a request that has no session yet. */
    async why(actor: Actor, id: string, { model: asked, keyId }: AccountWhyQuery): Promise<AccountWhyView> {
      await require(actor, id)
      const account = pool.get(id)
      if (!account) throw notFound('account')
      const model = asked ?? probeModel(account)
      const group = account.groupId === null ? null : await repos.groups.get(account.groupId)
      const from = await poolOf(actor, account, group, keyId)
      const found = await explain(from.accounts, model)
      const explained = from.open ? found : found.map(closed)
      const own = explained.find(one => one.account.id === id)
        ?? { account, position: 'passed_over' as const, share: 0, reasons: [{ reason: 'group' as const, until: null }] }
      return {
        ...position(actor, own),
        at: clock.now(), model, keyId: keyId ?? null, groupName: group?.name ?? null,
        pool: explained.map(one => position(actor, one)).sort(inTurn),
      }
    },

    /** The account's history, newest first. */
    async events(actor: Actor, id: string, { cursor, limit }: AccountEventsQuery): Promise<ListOf<AccountEventView>> {
      await require(actor, id)
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const found = await repos.accountEvents.list(id, limit + 1, after)
      const rows = found.slice(0, limit)
      const names = await repos.users.names([...new Set(rows.flatMap(row => row.byUserId ?? []))])
      const last = rows.at(-1)
      return {
        items: rows.map(row => eventView(row, names.get(row.byUserId ?? '') ?? null)),
        nextCursor: found.length > limit && last ? `${last.at}.${last.id}` : null,
      }
    },
  }
}

export type AccountInsight = ReturnType<typeof createAccountInsight>

/** In a group that is disabled: none of its keys is admitted. */
const closed = ({ account, reasons }: Explanation): Explanation => ({ account, position: 'passed_over', share: 0, reasons: [{ reason: 'group_disabled', until: null }, ...reasons] })

/** Who gets sessions first, then by priority and name. */
const inTurn = (a: AccountPosition, b: AccountPosition): number =>
  b.share - a.share || a.priority - b.priority || (a.name ?? '').localeCompare(b.name ?? '')

function readCursor(text: string): EventPosition {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text) ?? []
  if (at === undefined || id === undefined) throw invalidField('cursor', 'errors.cursor')
  return { at: Number(at), id }
}

const eventView = ({ id, at, fromState, toState, reason, evidence, until, byUserId }: AccountEventRow, byUserName: string | null): AccountEventView => ({
  id, at, from: fromState as AccountEventView['from'], to: toState as AccountEventView['to'], reason, evidence, until, byUserId, byUserName,
})
