import type { Config } from '../config'
import type { Repos } from '../db/repos/index'
import type { Clock } from '../lib/clock'
import { hashPassword } from '../lib/password'
import type { Audit } from './audit'
import { ensureAdmin } from './bootstrap'
import { fold } from './fold'
import { newPassword } from './identity'

export interface ResetAdmin {
  username: string
  password: string
  /** There was no admin: this one is new. */
  made: boolean
}

export interface ResetAdminDeps {
  repos: Repos
  clock: Clock
  config: Config
  audit: Audit
}

/**
 * Gives an admin a new random password, which must be changed at the first sign-in, enables them and ends their sessions: the one named,
 * else the one of DEFAULT_ADMIN_USERNAME, else the oldest. Makes one when there is none. Null when nobody of that name is an admin.
 */
export async function resetAdmin({ repos, clock, config, audit }: ResetAdminDeps, wanted: string | undefined): Promise<ResetAdmin | null> {
  const admins = (await repos.users.all()).filter(user => user.role === 'admin').sort((a, b) => (a.id < b.id ? -1 : 1))
  if (admins.length === 0) {
    const first = await ensureAdmin({ repos, clock, config: { ...config, DEFAULT_ADMIN_PASSWORD: undefined } })
    return first?.password ? { username: first.username, password: first.password, made: true } : null
  }
  const named = (name: string) => admins.find(admin => admin.usernameKey === fold(name) || admin.emailKey === fold(name))
  const admin = wanted === undefined ? named(config.DEFAULT_ADMIN_USERNAME) ?? admins[0]! : named(wanted)
  if (!admin) return null
  const password = newPassword()
  await repos.users.update(admin.id, { passwordHash: await hashPassword(password), enabled: true, mustChangePassword: true, updatedAt: clock.now() })
  await repos.codes.removeOfUser(admin.id)
  await repos.sessions.removeOfUser(admin.id)
  // Instances that run read it within a second.
  await repos.changes.append('user', admin.id)
  await audit({ id: admin.id, username: admin.username, ip: null }, { action: 'user.reset-admin', target: { type: 'user', id: admin.id, name: admin.username } })
  return { username: admin.username, password, made: false }
}
