import type { KeyCreateInput, KeyListQuery, KeyPatchInput, KeyRotateInput } from '#shared/schemas/key'
import type { KeyView, KeyWithSecret, ListOf } from '#shared/types/api'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import { placeInPool } from '../groups/service'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { newId } from '../lib/id'
import type { Sealer } from '../lib/seal'
import { pageOf, requireOwned, visibleOwner, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'
import { mayUseSharedPool } from '../users/view'
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
}

/** The keys handed out, as their owners manage them. */
export function createKeysService({ repos, clock, changes, sealer, audit }: KeysDeps) {
  const find = async (actor: Actor, id: string): Promise<ApiKeyRow> => requireOwned(actor, await repos.apiKeys.get(id), 'key')
  const view = async (row: ApiKeyRow): Promise<KeyView> => (await keyViews(repos, [row]))[0] as KeyView

  /** What decides is the owner's right, not that of an admin who edits the owner's key. */
  async function place(actor: Actor, ownerId: string, groupId: string | null): Promise<string | null> {
    const owner = ownerId === actor.id ? null : await repos.users.get(ownerId)
    const mayShare = ownerId === actor.id ? actor.sharedPool : owner !== null && mayUseSharedPool(owner)
    return placeInPool(repos, ownerId, groupId, mayShare)
  }

  async function refuseTaken(secret: string): Promise<void> {
    if (await repos.apiKeys.findByHash(secretColumns(sealer, '', secret, false).hash)) throw invalidField('key', 'errors.keyTaken')
  }

  return {
    async list(actor: Actor, { limit, groupId, ...filter }: KeyListQuery): Promise<ListOf<KeyView>> {
      const found = await repos.apiKeys.list({
        ...filter,
        ownerId: visibleOwner(actor, filter.ownerId),
        groupId: groupId === 'shared' ? null : groupId,
        limit: limit + 1,
      })
      const { rows, nextCursor } = pageOf(found, limit)
      return { items: await keyViews(repos, rows), nextCursor }
    },

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
      await audit(actor, { action: 'key.create', target: targetOf(row), after })
      return { ...after, key: secret }
    },

    async update(actor: Actor, id: string, { groupId, revealable, ...plain }: KeyPatchInput): Promise<KeyView> {
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
      await audit(actor, { action: 'key.update', target: targetOf(row), before, after })
      return after
    },

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
      await audit(actor, { action: 'key.rotate', target: targetOf(row), before, after })
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

    async remove(actor: Actor, id: string): Promise<void> {
      const row = await find(actor, id)
      const before = await view(row)
      await repos.apiKeys.remove(id, clock.now())
      await changes.emit('key', id)
      await audit(actor, { action: 'key.delete', target: targetOf(row), before })
    },
  }
}

export type KeysService = ReturnType<typeof createKeysService>

const targetOf = ({ id, name }: ApiKeyRow) => ({ type: 'key' as const, id, name })
