import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { groupCreateSchema } from '#shared/schemas/group'
import { keyCreateSchema } from '#shared/schemas/key'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

/** A group that goes must leave nothing behind that works in another way than somebody chose. */

let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor
let from: string
let other: string
let accountId: string
let keyId: string

const services = () => domain.services
const addGroup = async (actor: Actor, name: string) => (await services().groups.create(actor, groupCreateSchema.parse({ name }))).id
const addAccount = async (actor: Actor, groupId: string | null) =>
  (await services().accounts.create(actor, accountCreateSchema.parse({ name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'upstream-secret-ab12' }, groupId }))).id
const addKey = async (actor: Actor, groupId: string | null) => (await services().keys.create(actor, keyCreateSchema.parse({ name: 'k', groupId }))).id
const dissolve = (actor: Actor, said: { accounts?: string, keys?: string } = {}) => services().dissolveGroup(actor, from, said)
const account = () => services().accounts.get(admin, accountId)
const key = () => services().keys.get(admin, keyId)
const gone = () => expect(services().groups.get(admin, from)).rejects.toMatchObject({ code: 'not_found' })
const untouched = async () => {
  expect(await account()).toMatchObject({ groupId: from, enabled: true })
  expect(await key()).toMatchObject({ groupId: from, enabled: true })
  await services().groups.get(admin, from)
}

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  ben = await domain.addUser({ username: 'ben' })
})
afterAll(() => domain.close())
beforeEach(async () => {
  from = await addGroup(ann, 'from')
  other = await addGroup(ann, 'other')
  accountId = await addAccount(ann, from)
  keyId = await addKey(ann, from)
})

test('an empty one just goes', async () => {
  from = await addGroup(ann, 'empty')
  await dissolve(ann)
  await gone()
})

test.each([{}, { accounts: 'disable' }, { keys: 'disable' }])('with members, said %j is not enough', async (said) => {
  await expect(dissolve(ann, said)).rejects.toMatchObject({ code: 'in_use', options: { details: { accounts: 1, keys: 1 } } })
  await untouched()
})

test('members move to other groups, each to its own', async () => {
  const third = await addGroup(ann, 'third')
  await dissolve(ann, { accounts: other, keys: third })
  expect(await account()).toMatchObject({ groupId: other, enabled: true })
  expect(await key()).toMatchObject({ groupId: third, enabled: true })
  await gone()
})

test('disabled members do not fall into the shared pool', async () => {
  await dissolve(ann, { accounts: 'disable', keys: 'disable' })
  await gone()
  expect(await account()).toMatchObject({ groupId: from, enabled: false })
  expect(await key()).toMatchObject({ groupId: from, enabled: false })
  await services().accounts.update(ann, accountId, { enabled: true })
  await domain.pool.load()
  expect(domain.pool.members(null).map(({ id }) => id)).not.toContain(accountId)
})

describe('nothing is changed when a place is not allowed:', () => {
  test.each([
    ['the shared pool for a user\'s account', { accounts: 'shared', keys: 'disable' }, 'forbidden', 'accounts'],
    ['the shared pool for keys of one who may not use it', { accounts: 'disable', keys: 'shared' }, 'forbidden', 'keys'],
    ['a group that is none', { accounts: 'nowhere', keys: 'disable' }, 'validation', 'accounts'],
  ])('%s', async (_what, said, code, path) => {
    await expect(dissolve(ann, said)).rejects.toMatchObject({ code, options: { details: [expect.objectContaining({ path }) as object] } })
    await untouched()
  })

  test('the group itself, or somebody else\'s', async () => {
    const bens = await addGroup(ben, 'of ben')
    for (const place of [from, bens]) {
      for (const actor of [ann, admin]) await expect(dissolve(actor, { accounts: place, keys: 'disable' })).rejects.toMatchObject({ code: 'validation' })
    }
    await untouched()
  })

  test('another owner does not even find it', async () => {
    await expect(dissolve(ben, { accounts: 'disable', keys: 'disable' })).rejects.toMatchObject({ code: 'not_found' })
    await untouched()
  })
})

test('the shared pool takes an account from an admin, and keys by their owner\'s right, not the admin\'s', async () => {
  await expect(dissolve(admin, { accounts: 'shared', keys: 'shared' })).rejects.toMatchObject({ code: 'forbidden' })
  await untouched()
  await domain.repos.users.update(ann.id, { sharedPool: true })
  await dissolve(admin, { accounts: 'shared', keys: 'shared' })
  expect(await account()).toMatchObject({ groupId: null, enabled: true })
  expect(await key()).toMatchObject({ groupId: null, enabled: true })
  await domain.repos.users.update(ann.id, { sharedPool: false })
})

test('each member\'s change is in the audit log, and takes effect at once', async () => {
  domain.emitted.length = 0
  await dissolve(ann, { accounts: other, keys: 'disable' })
  expect((await domain.audit()).slice(-3).map(row => [row.action, row.targetId])).toEqual([['account.update', accountId], ['key.update', keyId], ['group.delete', from]])
  expect(domain.emitted).toEqual([['account', accountId], ['key', keyId], ['group', from]])
})
