import type { KeyBatchInput, KeyCreateInput, KeyListQuery, KeyPatchInput, KeyRotateInput } from '#shared/schemas/key'
import type { KeyView, KeyWithSecret, ListOf } from '#shared/types/api'
import { spansOf } from '#shared/utils/period'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import { placeInPool } from '../groups/service'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { newId } from '../lib/id'
import type { Sealer } from '../lib/seal'
import { requireOwned, visibleOwner, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { ownerOf } from '../users/owner'
import { patchColumns, refuseBadRanges } from './columns'
import { changedLimits } from './limits'
import { newSecret, openSecret, secretColumns } from './secret'
import { keyViews } from './view'

export interface KeysDeps {
  repos: Repos
  clock: Clock
  changes: Changes
  sealer: Sealer
  audit: Audit
  /** IANA name; decides where days begin. */
  timeZone: string
}

/** The keys handed out, as their owners manage them. */
export function createKeysService({ repos, clock, changes, sealer, audit, timeZone }: KeysDeps) {
  const find = async (actor: Actor, id: string): Promise<ApiKeyRow> => requireOwned(actor, await repos.apiKeys.get(id), 'key')
  const views = (rows: ApiKeyRow[]): Promise<KeyView[]> => keyViews(repos, rows, { now: clock.now(), timeZone })
  const view = async (row: ApiKeyRow): Promise<KeyView> => (await views([row]))[0] as KeyView

  async function place(actor: Actor, ownerId: string, groupId: string | null): Promise<string | null> {
    return placeInPool(repos, ownerId, groupId, (await ownerOf(repos, actor, ownerId)).sharedPool)
  }

  async function refuseTaken(secret: string): Promise<void> {
    if (await repos.apiKeys.findByHash(secretColumns(sealer, '', secret, false).hash)) throw invalidField('key', 'errors.keyTaken')
  }

  async function list(actor: Actor, { groupId, status, ...filter }: KeyListQuery): Promise<ListOf<KeyView>> {
    const now = clock.now()
    const { rows, nextCursor } = await repos.apiKeys.list({
      ...filter,
      ownerId: visibleOwner(actor, filter.ownerId),
      groupId: groupId === 'shared' ? null : groupId,
      status: status && { is: status, at: now },
      days: spansOf(now, timeZone),
    })
    return { items: await views(rows), nextCursor }
  }

  async function update(actor: Actor, id: string, { groupId, revealable, ...plain }: KeyPatchInput): Promise<KeyView> {
    const row = await find(actor, id)
    if (revealable && row.sealedKey === null) throw invalidField('revealable', 'errors.keyCannotReveal')
    const before = await view(row)
    const patch = {
      ...patchColumns(row, plain),
      ...groupId === undefined ? {} : { groupId: await place(actor, row.ownerId, groupId) },
      ...revealable === false ? { sealedKey: null } : {},
      updatedAt: clock.now(),
    }
    await repos.apiKeys.update(id, patch)
    await changes.emit('key', id)
    const after = await view({ ...row, ...patch })
    await audit(actor, { action: 'key.update', target: targetOf(row), before: settingsOf(before), after: settingsOf(after) })
    return after
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    const row = await find(actor, id)
    const before = await view(row)
    await repos.apiKeys.remove(id, clock.now())
    await changes.emit('key', id)
    await audit(actor, { action: 'key.delete', target: targetOf(row), before: settingsOf(before) })
  }

  return {
    list,

    get: async (actor: Actor, id: string): Promise<KeyView> => view(await find(actor, id)),

    /** The answer is the only place that ever tells the key, unless it is revealable. */
    async create(actor: Actor, input: KeyCreateInput): Promise<KeyWithSecret> {
      refuseBadRanges(input.ipAllow)
      const id = newId()
      const now = clock.now()
      const secret = input.key ?? newSecret()
      const row: ApiKeyRow = {
        id, ownerId: actor.id, name: input.name, enabled: input.enabled,
        groupId: await place(actor, actor.id, input.groupId ?? null),
        ...secretColumns(sealer, id, secret, input.revealable),
        expiresAt: input.expiresAt ?? null, expiresInDays: input.expiresInDays ?? null, firstUsedAt: null, lastUsedAt: null,
        models: JSON.stringify(input.models), ipAllow: JSON.stringify(input.ipAllow), clients: JSON.stringify(input.clients),
        limits: JSON.stringify(changedLimits({}, input.limits)), createdAt: now, updatedAt: now, deletedAt: null,
      }
      if (!await repos.apiKeys.insert(row)) throw invalidField('key', 'errors.keyTaken')
      await changes.emit('key', id)
      const after = await view(row)
      await audit(actor, { action: 'key.create', target: targetOf(row), after: settingsOf(after) })
      return { ...after, key: secret }
    },

    update,

    /** The old value stops working at once. */
    async rotate(actor: Actor, id: string, input: KeyRotateInput): Promise<KeyWithSecret> {
      const row = await find(actor, id)
      if (input.key !== undefined) await refuseTaken(input.key)
      const secret = input.key ?? newSecret()
      const before = await view(row)
      const patch = { ...secretColumns(sealer, id, secret, input.revealable ?? row.sealedKey !== null), updatedAt: clock.now() }
      await repos.apiKeys.update(id, patch)
      await changes.emit('key', id)
      const after = await view({ ...row, ...patch })
      await audit(actor, { action: 'key.rotate', target: targetOf(row), before: settingsOf(before), after: settingsOf(after) })
      return { ...after, key: secret }
    },

    /** Throws `not_revealable` when only the hash was kept. */
    async reveal(actor: Actor, id: string): Promise<string> {
      const row = await find(actor, id)
      const secret = openSecret(sealer, row)
      if (secret === null) throw new AppError('not_revealable', 'Only the hash of this key is kept. Rotate it to get a new one.')
      await audit(actor, { action: 'key.reveal', target: targetOf(row) })
      return secret
    },

    remove,

    /** Changes many keys: none when one of them is not the actor's. Gives how many were changed. */
    async batch(actor: Actor, input: KeyBatchInput): Promise<number> {
      const rows = await Promise.all([...new Set(input.ids)].map(id => find(actor, id)))
      if (input.action === 'move') for (const { ownerId } of rows) await place(actor, ownerId, input.groupId)
      for (const { id } of rows) {
        const patch = batchPatch(input)
        if (patch) await update(actor, id, patch)
        else await remove(actor, id)
      }
      return rows.length
    },

    /** All keys of a list, page by page. */
    async* pages(actor: Actor, query: Omit<KeyListQuery, 'limit' | 'cursor'>): AsyncGenerator<KeyView[]> {
      let cursor: string | undefined
      do {
        const { items, nextCursor } = await list(actor, { ...query, cursor, limit: PAGE })
        yield items
        cursor = nextCursor ?? undefined
      } while (cursor)
    },
  }
}

export type KeysService = ReturnType<typeof createKeysService>

const PAGE = 200

/** The same change as a patch of one key; null = the key goes. */
function batchPatch(input: KeyBatchInput): KeyPatchInput | null {
  switch (input.action) {
    case 'move': return { groupId: input.groupId }
    case 'limits': return { limits: input.limits }
    case 'delete': return null
    default: return { enabled: input.action === 'enable' }
  }
}

/** What an audit row keeps: use is no setting. */
const settingsOf = ({ usage: _, ...settings }: KeyView) => settings

const targetOf = ({ id, name }: ApiKeyRow) => ({ type: 'key' as const, id, name })
