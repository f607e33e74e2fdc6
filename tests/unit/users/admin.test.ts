import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyCreateSchema } from '#shared/schemas/key'
import { accountCreateSchema } from '#shared/schemas/account'
import { groupCreateSchema } from '#shared/schemas/group'
import { userCreateSchema, userListQuery } from '#shared/schemas/user'
import type { Actor } from '#server/users/actor'
import { openPeople, origin, password, type People } from '../../helpers/people'

let people: People
let user: Actor
let made = 0

beforeAll(async () => {
  people = await openPeople()
})
afterAll(() => people.close())
beforeEach(async () => {
  user = await people.addPerson(`ann${++made}`)
})

const admins = () => people.services.userAdmin
const create = (given: Record<string, unknown> = {}) => admins().create(people.admin, userCreateSchema.parse({ username: `new${made}`, ...given }))
const field = (path: string, key: string) => ({ code: 'validation', options: { details: [{ path, key }] } })
const signIn = (username: string, given = password) => people.services.users.signIn({ username, password: given }, { ...origin, ip: `192.0.2.${made}` })
const account = (owner: Actor, groupId?: string) => people.services.accounts.create(owner, accountCreateSchema.parse({ name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'x' }, groupId }))
const key = (owner: Actor, groupId?: string) => people.services.keys.create(owner, keyCreateSchema.parse({ name: 'k', groupId }))
const group = (owner: Actor) => people.services.groups.create(owner, groupCreateSchema.parse({ name: 'g' }))

async function holdings(owner: Actor) {
  const { id } = await group(owner)
  return { group: id, account: (await account(owner, id)).id, key: (await key(owner, id)).id }
}

test('everything is for admins only', async () => {
  const calls = [() => admins().list(user, userListQuery.parse({})), () => admins().get(user, user.id), () => admins().create(user, userCreateSchema.parse({ username: 'xx' })), () => admins().update(user, user.id, { role: 'admin' }), () => admins().resetPassword(user, user.id), () => admins().remove(user, people.admin.id, undefined)]
  for (const call of calls) await expect((async () => await call())()).rejects.toMatchObject({ code: 'forbidden' })
})

describe('the list', () => {
  test('is searched by name and address, filtered, and goes on page by page', async () => {
    await create({ username: `needle${made}`, email: `haystack${made}@example.com`, role: 'admin', enabled: false })
    const names = async (query: object) => (await admins().list(people.admin, userListQuery.parse(query))).items.map(item => item.username)
    expect(await names({ q: `NEEDLE${made}` })).toEqual([`needle${made}`])
    expect(await names({ q: `haystack${made}@` })).toEqual([`needle${made}`])
    expect(await names({ q: `${made}`, role: 'admin', enabled: 'false' })).toEqual([`needle${made}`])
    const first = await admins().list(people.admin, userListQuery.parse({ limit: 1 }))
    const second = await admins().list(people.admin, userListQuery.parse({ limit: 1, cursor: first.nextCursor! }))
    expect(second.items[0]!.username).toBe(user.username)
  })

  test('says what belongs to each, without secrets', async () => {
    await holdings(user)
    const item = await admins().get(people.admin, user.id)
    expect(item).toMatchObject({ groupCount: 1, accountCount: 1, keyCount: 1 })
    expect(JSON.stringify(item)).not.toContain('scrypt')
  })
})

describe('a new user', () => {
  test('signs in with the start password, which is told once, and must change it', async () => {
    const { user: fresh, password: start } = await create({ email: `new${made}@example.com`, sharedPool: true })
    expect((await signIn(`new${made}@example.com`, start)).user).toMatchObject({ id: fresh.id, mustChangePassword: true, sharedPool: true, role: 'user' })
    expect(await people.dump()).not.toContain(start)
  })

  test('has a name and an address of their own', async () => {
    await expect(create({ username: user.username.toUpperCase() })).rejects.toMatchObject(field('username', 'errors.usernameTaken'))
    await expect(create({ email: `${user.username}@EXAMPLE.com` })).rejects.toMatchObject(field('email', 'errors.emailTaken'))
  })
})

describe('a change', () => {
  test('of the switch for the shared pool acts at once', async () => {
    await expect(key({ ...user })).rejects.toMatchObject({ code: 'forbidden' })
    await admins().update(people.admin, user.id, { sharedPool: true })
    const { token } = await signIn(user.username)
    expect((await people.services.sessions.find(token))?.user.sharedPool).toBe(true)
  })

  test('to disabled ends sessions and codes', async () => {
    const { token } = await signIn(user.username)
    await people.services.sessions.find(token)
    await admins().update(people.admin, user.id, { enabled: false })
    expect(await people.services.sessions.find(token)).toBeNull()
    await admins().update(people.admin, user.id, { enabled: true })
    expect(await people.services.sessions.find(token)).toBeNull()
    expect(people.emitted).toContainEqual(['user', user.id])
  })

  test('of the address is told to the old one, and is written down without a secret', async () => {
    await admins().update(people.admin, user.id, { email: null })
    expect((await people.mailsTo(`${user.username}@example.com`)).at(-1)!.subject).toContain('was changed')
    expect((await people.audit()).at(-1)).toMatchObject({ action: 'user.update', targetId: user.id, before: JSON.stringify({ email: `${user.username}@example.com` }), after: '{"email":null}' })
  })

  test('of an admin to a user gives their accounts in the shared pool to the admin who did it', async () => {
    const former = await people.addPerson(`former${made}`, { role: 'admin' })
    const [shared, own] = [await account(former), await holdings(former)]
    await admins().update(people.admin, former.id, { role: 'user' })
    expect((await people.repos.accounts.get(shared.id))?.ownerId).toBe(people.admin.id)
    expect((await people.repos.accounts.get(own.account))?.ownerId).toBe(former.id)
  })
})

describe('resetting a password', () => {
  test('ends all sessions and gives a start password', async () => {
    const { token } = await signIn(user.username)
    const { password: start } = await admins().resetPassword(people.admin, user.id)
    expect(await people.services.sessions.find(token)).toBeNull()
    await expect(signIn(user.username)).rejects.toMatchObject({ code: 'login_failed' })
    expect((await signIn(user.username, start)).user.mustChangePassword).toBe(true)
    expect(await people.dump()).not.toContain(start)
  })
})

describe('deleting', () => {
  test('gives all to another user, who can use it at once', async () => {
    const heir = await people.addPerson(`heir${made}`)
    const own = await holdings(user)
    const { token } = await signIn(user.username)
    await admins().remove(people.admin, user.id, heir.id)
    expect(await people.services.sessions.find(token)).toBeNull()
    expect((await people.services.keys.get(heir, own.key)).ownerId).toBe(heir.id)
    expect((await people.services.accounts.get(heir, own.account)).groupId).toBe(own.group)
    for (const change of [['group', own.group], ['account', own.account], ['key', own.key], ['user', user.id]]) expect(people.emitted).toContainEqual(change)
  })

  test('without an heir deletes all, secrets too, and frees name and address', async () => {
    const own = await holdings(user)
    await admins().remove(people.admin, user.id, undefined)
    expect(await Promise.all([people.repos.groups.get(own.group), people.repos.accounts.get(own.account), people.repos.apiKeys.get(own.key)])).toEqual([null, null, null])
    expect((await create({ username: user.username, email: `${user.username}@example.com` })).user.username).toBe(user.username)
    await expect(admins().get(people.admin, user.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('gives nothing to who is gone, disabled, or the same', async () => {
    await holdings(user)
    const off = await people.addPerson(`off${made}`)
    await people.repos.users.update(off.id, { enabled: false })
    for (const heir of ['nobody', off.id, user.id]) await expect(admins().remove(people.admin, user.id, heir)).rejects.toMatchObject(field('transferTo', 'errors.heir'))
    expect(await people.repos.users.get(user.id)).not.toBeNull()
  })

  test('gives what lies in the shared pool only to who may have it there', async () => {
    const sharer = await people.addPerson(`sharer${made}`, { sharedPool: true })
    await key(sharer)
    await expect(admins().remove(people.admin, sharer.id, user.id)).rejects.toMatchObject(field('transferTo', 'errors.heirShared'))
    const leaving = await people.addPerson(`leaving${made}`, { role: 'admin' })
    await account(leaving)
    await expect(admins().remove(people.admin, leaving.id, sharer.id)).rejects.toMatchObject(field('transferTo', 'errors.heirShared'))
    await admins().remove(people.admin, leaving.id, people.admin.id)
    await admins().remove(people.admin, sharer.id, people.admin.id)
  })
})

describe('the last enabled admin', () => {
  test('stays, whoever asks and however', async () => {
    const others = (await admins().list(people.admin, userListQuery.parse({ limit: 200, role: 'admin' }))).items.filter(({ id }) => id !== people.admin.id)
    for (const { id } of others) await admins().remove(people.admin, id, people.admin.id)
    for (const call of [() => admins().update(people.admin, people.admin.id, { role: 'user' }), () => admins().update(people.admin, people.admin.id, { enabled: false }), () => admins().remove(people.admin, people.admin.id, undefined)]) await expect(call()).rejects.toMatchObject({ code: 'last_admin' })
    const { token } = await signIn('chief')
    expect((await people.services.sessions.find(token))?.user).toMatchObject({ role: 'admin', enabled: true })
  })

  test('is left when two want to be rid of each other at once', async () => {
    const second = await people.addPerson(`second${made}`, { role: 'admin' })
    const tries = await Promise.allSettled([admins().update(people.admin, second.id, { role: 'user' }), admins().update(second, people.admin.id, { enabled: false })])
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await people.repos.users.all()).filter(row => row.role === 'admin' && row.enabled)).toHaveLength(1)
  })
})
