import { randomBytes } from 'node:crypto'
import { shareScopes, type ShareCreateInput, type ShareScope } from '#shared/schemas/share'
import type { ShareView, ShareWithToken } from '#shared/types/key-query'
import type { ListOf } from '#shared/types/api'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import type { ShareLinkRow } from '../db/repos/share-links'
import type { Clock } from '../lib/clock'
import { invalidField, notFound } from '../lib/errors'
import { sha256Hex } from '../lib/hash'
import { newId } from '../lib/id'
import { requireOwned, type Actor } from '../users/actor'
import type { Audit } from '../users/audit'

export interface SharesDeps {
  repos: Pick<Repos, 'apiKeys' | 'shareLinks'>
  clock: Clock
  audit: Audit
}

/** Of one key. */
const MAX_LINKS = 50

/** What a link shows; one that cannot be read shows the least. */
export const readScope = ({ scope }: Pick<ShareLinkRow, 'scope'>): ShareScope => shareScopes.find(each => each === scope) ?? 'limits'

/** Links that show what a key used, made and revoked by the key's owner. */
export function createSharesService({ repos, clock, audit }: SharesDeps) {
  const find = async (actor: Actor, keyId: string): Promise<ApiKeyRow> => requireOwned(actor, await repos.apiKeys.get(keyId), 'key')

  return {
    /** Those that are not revoked, expired ones too, the oldest first. */
    async list(actor: Actor, keyId: string): Promise<ListOf<ShareView>> {
      const key = await find(actor, keyId)
      return { items: (await repos.shareLinks.ofKey(key.id)).map(shareView), nextCursor: null }
    },

    /** The answer is the only place that ever tells the token. */
    async create(actor: Actor, keyId: string, { name, scope, expiresAt = null }: ShareCreateInput): Promise<ShareWithToken> {
      const key = await find(actor, keyId)
      const now = clock.now()
      if (expiresAt !== null && expiresAt <= now) throw invalidField('expiresAt', 'errors.past')
      if (await repos.shareLinks.countOfKey(key.id) >= MAX_LINKS) throw invalidField('name', 'errors.shareMany', { max: MAX_LINKS })
      const token = `share_${randomBytes(32).toString('base64url')}`
      const row: ShareLinkRow = { id: newId(), keyId: key.id, name, scope, tokenHash: sha256Hex(token), createdBy: actor.id, createdAt: now, expiresAt, revokedAt: null, lastUsedAt: null }
      await repos.shareLinks.insert(row)
      await audit(actor, { action: 'share_link.create', target: { type: 'share_link', id: row.id, name }, after: { keyName: key.name, ...settingsOf(row) } })
      return { ...shareView(row), token }
    },

    /** The link shows nothing more, to those who look at it already either. */
    async revoke(actor: Actor, keyId: string, id: string): Promise<void> {
      const key = await find(actor, keyId)
      const row = await repos.shareLinks.get(id)
      if (row?.keyId !== key.id) throw notFound('link')
      await repos.shareLinks.revoke(id, clock.now())
      await audit(actor, { action: 'share_link.revoke', target: { type: 'share_link', id, name: row.name }, before: { keyName: key.name, ...settingsOf(row) } })
    },
  }
}

export type SharesService = ReturnType<typeof createSharesService>

function shareView({ id, keyId, name, createdAt, expiresAt, lastUsedAt, scope }: ShareLinkRow): ShareView {
  return { id, keyId, name, scope: readScope({ scope }), createdAt, expiresAt, lastUsedAt }
}

const settingsOf = (row: ShareLinkRow) => {
  const { lastUsedAt: _, ...settings } = shareView(row)
  return settings
}
