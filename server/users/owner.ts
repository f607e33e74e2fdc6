import type { Repos } from '../db/repos/index'
import type { Actor } from './actor'
import { mayUseSharedPool } from './view'

/** Whose rights decide what a thing may be and where it may go: its owner's, not those of an admin who edits it. */
export type Owner = Pick<Actor, 'id' | 'role' | 'sharedPool'>

/** The owner of something the actor may change. One who is gone has no rights beyond a user's. */
export async function ownerOf(repos: Pick<Repos, 'users'>, actor: Actor, ownerId: string): Promise<Owner> {
  if (ownerId === actor.id) return actor
  const user = await repos.users.get(ownerId)
  return user ? { id: user.id, role: user.role, sharedPool: mayUseSharedPool(user) } : { id: ownerId, role: 'user', sharedPool: false }
}
