import { randomBytes } from 'node:crypto'
import type { InviteCreateInput, InviteListQuery } from '#shared/schemas/user'
import type { ListOf } from '#shared/types/api'
import type { InviteView, InviteWithCode } from '#shared/types/user'
import type { InviteRow } from '../db/repos/invites'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { notFound } from '../lib/errors'
import { sha256Hex } from '../lib/hash'
import { newId } from '../lib/id'
import { requireAdmin, type Actor } from './actor'
import type { Audit } from './audit'
import { refuseTaken } from './identity'

const DAY_MS = 86_400_000

export interface InvitesDeps {
  repos: Pick<Repos, 'invites' | 'users'>
  clock: Clock
  audit: Audit
}

/** Invitations to make a user, as admins give and withdraw them. */
export function createInvites({ repos, clock, audit }: InvitesDeps) {
  async function views(rows: InviteRow[]): Promise<InviteView[]> {
    const names = await repos.users.names([...new Set(rows.map(row => row.createdBy))])
    return rows.map(({ id, email, maxUses, uses, createdBy, createdAt, expiresAt, revokedAt }) => ({
      id, email, maxUses, uses, createdByName: names.get(createdBy) ?? null, createdAt, expiresAt, revokedAt,
      state: revokedAt !== null ? 'revoked' : uses >= maxUses ? 'used_up' : expiresAt !== null && expiresAt <= clock.now() ? 'expired' : 'open',
    }))
  }
  const view = async (row: InviteRow): Promise<InviteView> => (await views([row]))[0] as InviteView
  const target = (row: InviteRow) => ({ type: 'invite' as const, id: row.id, name: row.email })

  return {
    async list(actor: Actor, query: InviteListQuery): Promise<ListOf<InviteView>> {
      requireAdmin(actor)
      const { rows, nextCursor } = await repos.invites.list(query)
      return { items: await views(rows), nextCursor }
    },

    /** The answer is the only place that ever tells the code. */
    async create(actor: Actor, { maxUses, expiresInDays, email }: InviteCreateInput): Promise<InviteWithCode> {
      requireAdmin(actor)
      await refuseTaken(repos, { email }, null)
      const code = randomBytes(24).toString('base64url')
      const now = clock.now()
      const row: InviteRow = {
        id: newId(), codeHash: sha256Hex(code), createdBy: actor.id, email: email ?? null, maxUses, uses: 0, createdAt: now,
        expiresAt: expiresInDays === null ? null : now + expiresInDays * DAY_MS, revokedAt: null,
      }
      await repos.invites.insert(row)
      const invite = await view(row)
      await audit(actor, { action: 'invite.create', target: target(row), after: invite })
      return { invite, code }
    },

    async revoke(actor: Actor, id: string): Promise<void> {
      requireAdmin(actor)
      const row = await repos.invites.get(id)
      if (!row) throw notFound('invitation')
      await repos.invites.revoke(id, clock.now())
      await audit(actor, { action: 'invite.revoke', target: target(row) })
    },
  }
}

export type InvitesService = ReturnType<typeof createInvites>
