import { randomBytes } from 'node:crypto'
import type { Config } from '../config'
import type { NewUser } from '../db/repos/users'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { newId } from '../lib/id'
import { hashPassword } from '../lib/password'
import { fold } from './fold'
import { newPassword } from './identity'

export interface FirstAdmin {
  username: string
  /** Null when DEFAULT_ADMIN_PASSWORD gave it. */
  password: string | null
}

/**
 * Makes an admin when there is none and gives them what lost its owner. Returns null when there is one already.
 * A random password must be changed at the first sign-in; it is told here once and kept as a hash only.
 */
export async function ensureAdmin({ repos, clock, config }: { repos: Repos, clock: Clock, config: Config }): Promise<FirstAdmin | null> {
  if (await repos.users.countAdmins() > 0) return null
  const random = config.DEFAULT_ADMIN_PASSWORD === undefined ? newPassword() : null
  const now = clock.now()
  const row: NewUser = {
    id: newId(),
    username: config.DEFAULT_ADMIN_USERNAME,
    usernameKey: fold(config.DEFAULT_ADMIN_USERNAME),
    ...await freeEmail(repos, config.DEFAULT_ADMIN_EMAIL),
    passwordHash: await hashPassword(config.DEFAULT_ADMIN_PASSWORD ?? random ?? ''),
    role: 'admin',
    mustChangePassword: random !== null,
    createdAt: now,
    updatedAt: now,
  }
  if (!await insertFree(repos, row)) return null
  await repos.users.adoptOrphans(row.id, now)
  return { username: row.username, password: random }
}

/** Inserts under the wanted name, or beside a user who holds it. False when another process was first. */
async function insertFree(repos: Repos, row: NewUser): Promise<boolean> {
  if (await repos.users.insert(row)) return true
  if (await repos.users.countAdmins() > 0) return false
  const ending = randomBytes(3).toString('hex')
  row.username = `${row.username.slice(0, 57)}-${ending}`
  row.usernameKey = fold(row.username)
  return repos.users.insert(row)
}

async function freeEmail(repos: Repos, email: string | undefined): Promise<Pick<NewUser, 'email' | 'emailKey'>> {
  if (email === undefined || await repos.users.findByLogin(fold(email))) return {}
  return { email, emailKey: fold(email) }
}
