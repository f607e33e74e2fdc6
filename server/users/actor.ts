import { forbidden, notFound } from '../lib/errors'

/** A signed-in person, as the services know them. */
export interface Actor {
  id: string
  username: string
  role: 'admin' | 'user'
  /** May use the shared pool for keys without a group; true for admins. */
  sharedPool: boolean
  ip: string | null
}

/** Throws `forbidden` for everybody but admins. */
export function requireAdmin(actor: Pick<Actor, 'role'>): void {
  if (actor.role !== 'admin') throw forbidden('Only admins may do this.')
}

/** The row, if it exists and the actor may see and change it; else {@link notFound}. */
export function requireOwned<T extends { ownerId: string }>(actor: Actor, row: T | null, what: string): T {
  if (!row || (actor.role !== 'admin' && row.ownerId !== actor.id)) throw notFound(what)
  return row
}

/** Whose rows a list may show: an admin's choice or everyone's (undefined), else one's own. */
export function visibleOwner(actor: Actor, asked: string | undefined): string | undefined {
  if (actor.role === 'admin') return asked
  if (asked !== undefined && asked !== actor.id) throw forbidden('Only admins may list what belongs to others.')
  return actor.id
}
