import { randomBytes } from 'node:crypto'
import type { Repos } from '../db/repos/index'
import { StoreError } from '../db/errors'
import { invalidField } from '../lib/errors'
import { fold } from './fold'

/** A start password: 20 random characters. */
export const newPassword = (): string => randomBytes(15).toString('base64url')

export const nameColumns = (username: string) => ({ username, usernameKey: fold(username) })

export const emailColumns = (email: string | null) => ({ email, emailKey: email === null ? null : fold(email) })

/** Throws a field problem when somebody but `exceptId` signs in by this name or address. */
export async function refuseTaken(repos: Pick<Repos, 'users'>, { username, email }: { username?: string, email?: string | null }, exceptId: string | null): Promise<void> {
  if (username !== undefined && await isTaken(repos, username, exceptId)) throw invalidField('username', 'errors.usernameTaken')
  if (typeof email === 'string' && await isTaken(repos, email, exceptId)) throw invalidField('email', 'errors.emailTaken')
}

export async function isTaken(repos: Pick<Repos, 'users'>, name: string, exceptId: string | null): Promise<boolean> {
  const holder = await repos.users.findByLogin(fold(name))
  return holder !== null && holder.id !== exceptId
}

/** Of two who ask for a name at once, the second is told by the database. */
export async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  }
  catch (error) {
    if (error instanceof StoreError && error.kind === 'duplicate') throw invalidField(error.message.includes('email') ? 'email' : 'username', error.message.includes('email') ? 'errors.emailTaken' : 'errors.usernameTaken')
    throw error
  }
}
