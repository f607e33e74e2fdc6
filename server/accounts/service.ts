import type { AccountCreateInput, AccountListQuery, AccountPatchInput } from '#shared/schemas/account'
import type { AccountView, ListOf } from '#shared/types/api'
import { spansOf } from '#shared/utils/period'
import type { AccountRow } from '../db/repos/accounts'
import type { Repos } from '../db/repos/index'
import { placeInPool } from '../groups/service'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'
import type { Sealer } from '../lib/seal'
import type { Platform } from '../platforms/platform'
import { normalState } from '../scheduler/state'
import { requireOwned, visibleOwner, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { ownerOf } from '../users/owner'
import { credentialColumns, optionColumns, proxyColumns, refusePrivate, requireBaseUrl, requirePlatform } from './input'
import { nanoOf, patchColumns } from './columns'
import type { LiveFacts } from './live'
import { stateColumns } from './state-columns'
import { accountViews } from './view'

export interface AccountsDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  sealer: Sealer
  audit: Audit
  platforms: Readonly<Record<string, Platform>>
  live: LiveFacts
  /** IANA name; decides where days begin. */
  timeZone: string
}

/** The upstream accounts of the pool, as their owners manage them. */
export function createAccountsService({ repos, clock, changes, sealer, audit, platforms, live, timeZone }: AccountsDeps) {
  const require = async (actor: Actor, id: string): Promise<AccountRow> => requireOwned(actor, await repos.accounts.get(id), 'account')
  const views = (rows: AccountRow[]): Promise<AccountView[]> => accountViews(repos, live, rows, { now: clock.now(), timeZone })
  const view = async (row: AccountRow): Promise<AccountView> => (await views([row]))[0] as AccountView

  async function record(row: AccountRow, from: string, to: string, actor: Actor, reason = 'by_hand'): Promise<void> {
    await repos.accountEvents.insert({
      id: newId(), accountId: row.id, at: clock.now(), fromState: from, toState: to, reason, evidence: null, until: null, byUserId: actor.id,
    })
  }

  return {
    /** The row, when the actor may use it; throws `not_found` otherwise. */
    require,

    async list(actor: Actor, { groupId, ...filter }: AccountListQuery): Promise<ListOf<AccountView>> {
      const { rows, nextCursor } = await repos.accounts.list({
        ...filter,
        ownerId: visibleOwner(actor, filter.ownerId),
        groupId: groupId === 'shared' ? null : groupId,
        days: spansOf(clock.now(), timeZone),
      })
      return { items: await views(rows), nextCursor }
    },

    get: async (actor: Actor, id: string): Promise<AccountView> => view(await require(actor, id)),

    /** Throws what {@link create} would, except for the credentials. */
    async check(actor: Actor, input: Omit<AccountCreateInput, 'credentials'>): Promise<void> {
      requireBaseUrl(requirePlatform(platforms, input.platform), input.baseUrl ?? null)
      refusePrivate(actor, input)
      await placeInPool(repos, actor.id, input.groupId ?? null, actor.role === 'admin')
    },

    async create(actor: Actor, input: AccountCreateInput): Promise<AccountView> {
      const platform = requirePlatform(platforms, input.platform)
      requireBaseUrl(platform, input.baseUrl ?? null)
      refusePrivate(actor, input)
      const id = newId()
      const now = clock.now()
      const row: AccountRow = {
        id, ownerId: actor.id, platform: platform.id, name: input.name, enabled: input.enabled,
        groupId: await placeInPool(repos, actor.id, input.groupId ?? null, actor.role === 'admin'),
        baseUrl: input.baseUrl ?? null, priority: input.priority, weight: input.weight, maxConcurrency: input.maxConcurrency,
        models: JSON.stringify(input.models), modelMap: JSON.stringify(input.modelMap), dailyLimitNano: nanoOf(input.dailyLimitUsd),
        ...optionColumns(platform, input.options),
        ...credentialColumns(platform, sealer, id, input.credentials),
        ...proxyColumns(sealer, id, input.proxyUrl ?? null),
        ...stateColumns(normalState(now)), windows: '{}', tokenGeneration: 0,
        lastUsedAt: null, createdAt: now, updatedAt: now, deletedAt: null,
      }
      await repos.accounts.insert(row)
      await changes.emit('account', id)
      const after = await view(row)
      await audit(actor, { action: 'account.create', target: targetOf(row), after: settingsOf(after) })
      return after
    },

    /** New credentials put the account back to normal. */
    async update(actor: Actor, id: string, input: AccountPatchInput): Promise<AccountView> {
      const row = await require(actor, id)
      const before = await view(row)
      const platform = requirePlatform(platforms, row.platform)
      if (input.baseUrl !== undefined) requireBaseUrl(platform, input.baseUrl)
      refusePrivate(await ownerOf(repos, actor, row.ownerId), input)
      const { credentials, proxyUrl, groupId, options, ...plain } = input
      const now = clock.now()
      const patch = {
        ...patchColumns(plain),
        ...groupId === undefined ? {} : { groupId: await placeInPool(repos, row.ownerId, groupId, actor.role === 'admin') },
        ...credentials ? { ...credentialColumns(platform, sealer, id, credentials), ...stateColumns(normalState(now)), tokenGeneration: row.tokenGeneration + 1 } : {},
        ...options === undefined ? {} : optionColumns(platform, options),
        ...proxyUrl === undefined ? {} : proxyColumns(sealer, id, proxyUrl),
        updatedAt: now,
      }
      await repos.accounts.update(id, patch)
      if (credentials && row.stateName !== 'normal') await record(row, row.stateName, 'normal', actor, 'new_credentials')
      if (input.enabled !== undefined && input.enabled !== row.enabled) {
        await record(row, row.enabled ? row.stateName : 'disabled', input.enabled ? row.stateName : 'disabled', actor)
      }
      await changes.emit('account', id)
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'account.update', target: targetOf(row), before: settingsOf(before), after: settingsOf(after) })
      return after
    },

    async resetState(actor: Actor, id: string): Promise<AccountView> {
      const row = await require(actor, id)
      const before = await view(row)
      const patch = stateColumns(normalState(clock.now()))
      await repos.accounts.update(id, patch)
      if (row.stateName !== 'normal' || row.modelLimits !== patch.modelLimits) await record(row, row.stateName, 'normal', actor)
      await changes.emit('account', id)
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'account.reset-state', target: targetOf(row), before: settingsOf(before), after: settingsOf(after) })
      return after
    },

    /** Notes that somebody had a request sent through the account, and what came of it. */
    async tested(actor: Actor, row: AccountRow, { ok, status, model }: { ok: boolean, status: number | null, model: string }): Promise<void> {
      await audit(actor, { action: 'account.test', target: targetOf(row), after: { ok, status, model } })
    },

    async remove(actor: Actor, id: string): Promise<void> {
      const row = await require(actor, id)
      const before = await view(row)
      await repos.accounts.remove(id, clock.now())
      await changes.emit('account', id)
      await audit(actor, { action: 'account.delete', target: targetOf(row), before: settingsOf(before) })
    },
  }
}

export type AccountsService = ReturnType<typeof createAccountsService>

/** What an audit row keeps: use is no setting. */
const settingsOf = ({ usage: _, ...settings }: AccountView) => settings

const targetOf = ({ id, name }: AccountRow) => ({ type: 'account' as const, id, name })
