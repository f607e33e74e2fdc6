import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyPassword } from '#server/lib/password'
import { createAudit } from '#server/users/audit'
import { ensureAdmin } from '#server/users/bootstrap'
import { resetAdmin } from '#server/users/reset-admin'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
const open = async (env: Record<string, string> = {}) => {
  domain = await openDomain(env)
  return domain
}
const only = async () => {
  const [user, ...others] = await domain.repos.users.all()
  expect(others).toEqual([])
  return user!
}

beforeEach(() => open())
afterEach(() => domain.close())

describe('the first start', () => {
  test('makes an admin with a random password that must be changed and is kept as a hash only', async () => {
    const made = await ensureAdmin(domain)
    expect(made).toEqual({ username: 'admin', password: expect.stringMatching(/^[\w-]{20}$/) })
    const user = await only()
    expect(user).toMatchObject({ role: 'admin', mustChangePassword: true, enabled: true })
    expect(await verifyPassword(made!.password!, user.passwordHash)).toBe(true)
    expect(await domain.dump()).not.toContain(made!.password)
  })

  test('takes name, password and e-mail address from the environment, and asks for no change then', async () => {
    await domain.close()
    await open({ DEFAULT_ADMIN_USERNAME: 'Root', DEFAULT_ADMIN_PASSWORD: 'from-the-environment', DEFAULT_ADMIN_EMAIL: 'Root@Example.com' })
    expect(await ensureAdmin(domain)).toEqual({ username: 'Root', password: null })
    expect(await only()).toMatchObject({ username: 'Root', usernameKey: 'root', email: 'Root@Example.com', emailKey: 'root@example.com', mustChangePassword: false })
  })

  test('of two processes at once only one makes the admin', async () => {
    const made = await Promise.all([ensureAdmin(domain), ensureAdmin(domain)])
    expect(made.filter(Boolean)).toHaveLength(1)
    await only()
  })
})

describe('a later start', () => {
  test('changes nothing while there is an admin, whatever the environment says', async () => {
    await ensureAdmin(domain)
    const before = await only()
    expect(await ensureAdmin(domain)).toBeNull()
    expect(await only()).toEqual(before)
  })

  test('makes a new admin when the last one is gone, and gives them what was left without an owner', async () => {
    await ensureAdmin(domain)
    const old = await only()
    const keeper = await domain.addUser({ username: 'keeper' })
    const actor = { id: old.id, username: 'admin', role: 'admin' as const, sharedPool: true, ip: null }
    const { services, repos, store } = domain
    const account = await services.accounts.create(actor, { name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'upstream-secret-1' }, priority: 1, weight: 1, maxConcurrency: 0, models: [], modelMap: {}, options: {}, enabled: true })
    const key = await services.keys.create(actor, { name: 'k', enabled: true, models: [], ipAllow: [], clients: [], revealable: false, limits: {} })
    const kept = await services.groups.create(keeper, { name: 'g', enabled: true, multiplierBp: 10_000, priceBy: 'asked' })
    await store.db.delete(store.tables.users).where(eq(store.tables.users.id, old.id))

    expect(await ensureAdmin(domain)).toMatchObject({ username: 'admin' })
    const admin = (await repos.users.all()).find(user => user.role === 'admin')!
    expect((await repos.accounts.get(account.id))?.ownerId).toBe(admin.id)
    expect((await repos.apiKeys.get(key.id))?.ownerId).toBe(admin.id)
    expect((await repos.groups.get(kept.id))?.ownerId).toBe(keeper.id)
  })

  test('does not turn a plain user of the wanted name into an admin', async () => {
    await domain.addUser({ username: 'Admin' })
    const made = await ensureAdmin(domain)
    expect(made?.username).toMatch(/^admin-[\da-f]{6}$/)
    expect((await domain.repos.users.findByLogin('admin'))?.role).toBe('user')
  })
})

describe('resetting an admin', () => {
  const reset = (wanted?: string) => resetAdmin({ ...domain, audit: createAudit(domain) }, wanted)

  test('gives the oldest one, or the one that is named, a password that must be changed, ends their sessions and tells the instances', async () => {
    const [one, two] = [await domain.addUser({ username: 'one', role: 'admin' }), await domain.addUser({ username: 'two', role: 'admin', email: 'Two@example.com' })]
    await domain.addUser({ username: 'plain' })
    await domain.repos.users.update(one.id, { enabled: false })
    await domain.repos.sessions.insert({ id: 's', userId: one.id, ip: null, userAgent: null, createdAt: 0, lastSeenAt: 0, expiresAt: 1 })
    const made = await reset()
    expect(made).toMatchObject({ username: 'one', made: false })
    const row = await domain.repos.users.get(one.id)
    expect(row).toMatchObject({ enabled: true, mustChangePassword: true })
    expect(await verifyPassword(made!.password, row!.passwordHash)).toBe(true)
    expect(await domain.repos.sessions.get('s')).toBeNull()
    expect(await domain.repos.changes.since(0)).toMatchObject([{ kind: 'user', refId: one.id }])
    expect((await reset('two@EXAMPLE.com'))?.username).toBe('two')
    expect((await domain.repos.users.get(two.id))?.mustChangePassword).toBe(true)
    expect(await reset('plain')).toBeNull()
    expect(await domain.dump()).not.toContain(made!.password)
  })

  test('makes one when there is none, with a random password whatever the environment says', async () => {
    await domain.close()
    await open({ DEFAULT_ADMIN_PASSWORD: 'from-the-environment' })
    const made = await reset()
    expect(made).toEqual({ username: 'admin', password: expect.stringMatching(/^[\w-]{20}$/) as string, made: true })
    expect(await only()).toMatchObject({ role: 'admin', mustChangePassword: true })
  })
})
